"""What is to be fetched and when, and when an article has all it needs."""
