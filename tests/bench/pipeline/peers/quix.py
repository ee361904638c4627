"""The transport in Quix Streams: `python quix.py KAFKA`."""

import sys

from quixstreams import Application


def run(kafka: str) -> None:
    app = Application(
        broker_address=kafka,
        consumer_group="bench.quix",
        auto_offset_reset="earliest",
        auto_create_topics=False,
        loglevel="WARNING",
    )
    source = app.topic("seeds", value_deserializer="bytes", key_deserializer="bytes")
    target = app.topic("articles.ingested", value_serializer="bytes", key_serializer="bytes")
    app.dataframe(source).to_topic(target)
    app.run()


run(sys.argv[1])
