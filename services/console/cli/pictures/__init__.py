"""Commands for pictures and their fetches."""
