"""Lag of a consumer group, seen from outside and by a member, the same on Apache Kafka and on the embedded broker."""

from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from shared.broker.connection import ends, partitions, reader
from shared.errors import BrokerAway
from shared.settings import Settings


async def lag(settings: Settings, topic: str, group: str) -> int:
    """Records of *topic* that *group* has not yet committed. Raises BrokerAway.

    A group that never committed has everything before it.
    """
    assigned = await partitions(settings, topic)
    if not assigned:
        return 0
    async with reader(settings, group) as client:
        try:
            return await _lag(client, assigned)
        except KafkaError as error:
            raise BrokerAway(f"the lag of {group} on {topic} cannot be read: {error!r}") from error


async def _lag(client: AIOKafkaConsumer, assigned: list[TopicPartition]) -> int:
    client.assign(assigned)
    done = await client.beginning_offsets(assigned)
    done |= {p: int(offset) for p in assigned if (offset := await client.committed(p)) is not None}
    for partition, offset in done.items():
        client.seek(partition, offset)
    end = await ends(client)
    return sum(max(0, end[partition] - done[partition]) for partition in assigned)


def highwater_lag(consumer: AIOKafkaConsumer, committed: dict[Any, int]) -> int | None:
    """Records of the assigned partitions that are not yet committed, or None before every one was fetched once."""
    lags = [
        _behind(consumer, partition, committed.get(partition))
        for partition in consumer.assignment()
    ]
    known = [lag for lag in lags if lag is not None]
    return sum(known) if len(known) == len(lags) else None


def _behind(consumer: AIOKafkaConsumer, partition: Any, committed: int | None) -> int | None:
    highwater = consumer.highwater(partition)
    if highwater is None:
        return None
    return max(0, int(highwater) - (highwater if committed is None else committed))
