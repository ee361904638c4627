"""What an article is known by: its aliases, and the canonical form of URLs."""
