"""Verifies and measures pictures in processes of their own, and makes thumbnails."""
