"""Publishing: decides which articles are published, and tells the world each time what it sees has changed."""
