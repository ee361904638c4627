"""Linking and stories on MongoDB."""
