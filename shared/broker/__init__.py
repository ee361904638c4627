"""Kafka, without a word about articles: what is consumed, delivered, sent and committed."""
