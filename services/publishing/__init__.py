"""Publishing: decides which articles are published, and announces every change of that."""
