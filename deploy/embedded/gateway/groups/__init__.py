"""Consumer groups of clients: who is a member, and who owns which partitions.

As Kafka's classic group coordinator does it. Committed offsets are kept by the broker.
"""
