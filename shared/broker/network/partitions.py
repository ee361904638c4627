"""Which partitions a topic has, and where they end: for clients that join no group."""

import asyncio
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.broker.network.connection import START_SECONDS, query_cluster
from shared.errors import KafkaUnavailable
from shared.settings import Settings


async def list_partitions(settings: Settings, topic: str) -> list[TopicPartition]:
    """The partitions of *topic*, none if it does not exist.

    A reader that joins no group has to name them. Raises KafkaUnavailable, or DependencyRejected
    when Kafka does not let us ask.
    """
    (description,) = await query_cluster(settings, lambda client: client.describe_topics([topic]))
    return parse_partitions(description)


def parse_partitions(topic: dict[str, Any]) -> list[TopicPartition]:
    """The partitions of a topic that Kafka describes, sorted by number."""
    numbers = sorted(partition["partition"] for partition in topic["partitions"])
    return [TopicPartition(topic["topic"], number) for number in numbers]


async def read_end_offsets(client: AIOKafkaConsumer) -> dict[TopicPartition, int]:
    """The end of each partition assigned to *client*: the offset that its next record will get.

    Fetches until each end is known, because the embedded broker answers *list offsets* wrongly.
    This moves the positions of *client*. A client that has fetched before answers with the ends
    it saw then: for the present ones open a new one. Raises KafkaUnavailable.
    """
    assigned = client.assignment()
    try:
        async with asyncio.timeout(START_SECONDS):
            while any(client.highwater(partition) is None for partition in assigned):
                await client.getmany(timeout_ms=20, max_records=1)
    except TimeoutError as error:
        raise KafkaUnavailable(f"the ends of {len(assigned)} partitions cannot be read") from error
    return {partition: client.highwater(partition) for partition in assigned}


async def seek_to_end(client: AIOKafkaConsumer) -> None:
    """Read only what is written from now on. Raises KafkaUnavailable."""
    end_offsets = await read_end_offsets(client)
    for partition, end in end_offsets.items():
        client.seek(partition, end)
