"""Fetches pictures over HTTP, within the limits of each host."""
