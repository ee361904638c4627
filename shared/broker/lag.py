"""Lag of a consumer group, as an observer measures it and as a member estimates it.

Both work the same on Apache Kafka and on the embedded broker.
"""

from collections.abc import Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from shared.broker.connection import list_partitions, open_reader, read_end_offsets
from shared.errors import KafkaUnavailable
from shared.settings import Settings


async def measure_lag(settings: Settings, topic: str, group: str) -> int:
    """Records of *topic* that *group* has not committed yet. Raises KafkaUnavailable.

    A group that has never committed lags by the whole topic.
    """
    partitions = await list_partitions(settings, topic)
    if not partitions:
        return 0
    async with open_reader(settings, group) as client:
        try:
            return await _measure_lag(client, partitions)
        except KafkaError as error:
            raise KafkaUnavailable(
                f"the lag of {group} on {topic} cannot be read: {error!r}"
            ) from error


async def _measure_lag(client: AIOKafkaConsumer, partitions: list[TopicPartition]) -> int:
    client.assign(partitions)
    committed = await client.beginning_offsets(partitions)
    for partition in partitions:
        offset = await client.committed(partition)
        if offset is not None:
            committed[partition] = int(offset)
        client.seek(partition, committed[partition])
    ends = await read_end_offsets(client)
    return sum(max(0, ends[partition] - committed[partition]) for partition in partitions)


def estimate_lag(consumer: AIOKafkaConsumer, committed: Mapping[Any, int]) -> int | None:
    """Uncommitted records of the assigned partitions; None until each was fetched once.

    A partition without a commit of ours counts as read to its end.
    """
    total = 0
    for partition in consumer.assignment():
        highwater = consumer.highwater(partition)
        if highwater is None:
            return None
        total += max(0, int(highwater) - committed.get(partition, int(highwater)))
    return total
