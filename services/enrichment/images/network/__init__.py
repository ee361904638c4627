"""Connections to hosts of the web, guarded: none leads into our own network."""
