"""Lag of a consumer group, seen from outside it, the same on Apache Kafka and on the embedded broker."""

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from shared.broker.connection import reader
from shared.errors import BrokerAway
from shared.settings import Settings


async def lag(settings: Settings, topic: str, group: str) -> int:
    """Records of *topic* that *group* has not yet committed. Raises BrokerAway.

    A group that never committed has everything before it. The high-water marks come from a fetch, not from a look-up
    of end offsets, which also counts what no fetch would return.
    """
    async with reader(settings, group) as client:
        partitions = [TopicPartition(topic, number) for number in sorted(client.partitions_for_topic(topic) or ())]
        if not partitions:
            return 0
        try:
            return await _lag(client, partitions)
        except KafkaError as error:
            raise BrokerAway(f"the lag of {group} on {topic} cannot be read: {error!r}") from error


async def _lag(client: AIOKafkaConsumer, partitions: list[TopicPartition]) -> int:
    client.assign(partitions)
    begin, end = await client.beginning_offsets(partitions), await client.end_offsets(partitions)
    done = {partition: await client.committed(partition) for partition in partitions}
    return sum(max(0, end[p] - (begin[p] if done[p] is None else int(done[p]))) for p in partitions)
