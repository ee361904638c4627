"""The gateway: what every Kafka client connects to where the embedded broker is used.

It speaks Kafka's protocol on a port of its own and passes most of it on to the broker. What the
broker gets wrong it answers itself: the versions that it speaks, its address, the ends of
partitions, fetches that find nothing, and consumer groups. Seedwire's own processes connect to it
as other teams' clients do. The supervisor creates the topics at the broker before that.
"""
