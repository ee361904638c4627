"""The gateway: what other teams' Kafka clients connect to, where the embedded broker is used.

It speaks Kafka's protocol on a port of its own and passes most of it on to the broker. What the
broker gets wrong it answers itself: the versions that it speaks, its address, the ends of
partitions, and consumer groups. Seedwire's own processes connect to the broker, without it.
"""
