"""Kafka's protocol as bytes: frames, the numbers of requests, and messages."""
