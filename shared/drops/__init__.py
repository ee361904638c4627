"""Dropping seeds: sending them to Kafka, and reading what ingest answers."""
