"""The embedded broker: a Kafka-compatible server in a child process, for one machine with Python alone.

It listens on loopback only, with no password, and keeps its topics in memory.
"""
