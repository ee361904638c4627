"""Consumes topics: batches are delivered to a handler, and committed in order."""
