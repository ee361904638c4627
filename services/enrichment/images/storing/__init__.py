"""Stores pictures and the outcomes of fetches."""
