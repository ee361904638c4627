"""Reads a topic from its beginning to the ends it has now, with confluent-kafka (librdkafka).

Prints KEY<TAB>VALUE for each record; the value of a tombstone is `null`. Where a group without
committed offsets begins is the one setting that is not librdkafka's default.

Usage: python confluent.py HOST:PORT TOPIC GROUP
"""

import sys

from confluent_kafka import Consumer, KafkaException, TopicPartition


def main(broker: str, topic: str, group: str) -> None:
    consumer = Consumer(
        {"bootstrap.servers": broker, "group.id": group, "auto.offset.reset": "earliest"}
    )
    missing = list_ends(consumer, topic)
    consumer.subscribe([topic])
    while missing:
        record = consumer.poll(1.0)
        if record is None:
            continue
        if record.error():
            raise KafkaException(record.error())
        value = record.value()
        print(f"{record.key().decode()}\t{'null' if value is None else value.decode()}")
        if record.offset() + 1 >= missing.get(record.partition(), 0):
            missing.pop(record.partition(), None)
    consumer.close()


def list_ends(consumer: Consumer, topic: str) -> dict[int, int]:
    """The end of each partition that is not empty."""
    ends = {}
    for number in consumer.list_topics(topic, timeout=60).topics[topic].partitions:
        _, end = consumer.get_watermark_offsets(TopicPartition(topic, number), timeout=60)
        if end > 0:
            ends[number] = end
    return ends


if __name__ == "__main__":
    main(*sys.argv[1:])
