"""Linking and stories on SQLite."""
