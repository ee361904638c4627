"""Connections to Kafka, and brokers that are gone."""
