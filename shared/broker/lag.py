"""Lag of a consumer group, seen from outside it, the same on Apache Kafka and on the embedded broker."""

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
