"""Batches as they come from Kafka, and the group that a consumer is a member of."""
