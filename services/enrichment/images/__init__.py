"""Fetches, measures and keeps the pictures of articles."""
