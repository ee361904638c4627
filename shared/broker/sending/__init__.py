"""Sends events, and says which Kafka refused for good."""
