"""The embedded broker: a Kafka-compatible server in a child process, for one machine with Python.

It listens on loopback only, has no password, and keeps its topics in memory.
"""
