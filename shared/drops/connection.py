"""The connection that drops need: a producer, and an inbox of receipts from now on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from shared.broker.network.cluster_description import ClusterDescription, describe_cluster
from shared.broker.network.connection import open_producer, open_reader
from shared.broker.network.partitions import seek_to_end
from shared.broker.topic_creation import create_missing_topics
from shared.drops.receipt_inbox import ReceiptInbox
from shared.errors import KafkaUnavailable
from shared.events.topics import RECEIPTS, load_topics
from shared.settings import Settings


@dataclass(frozen=True)
class DropConnection:
    producer: AIOKafkaProducer
    inbox: ReceiptInbox
    cluster: str


@asynccontextmanager
async def open_drop_connection(
    settings: Settings, capacity: int | None = None
) -> AsyncIterator[DropConnection]:
    """A connection whose inbox keeps the latest *capacity* receipts. Creates missing topics.

    Raises KafkaUnavailable.
    """
    cluster = await _prepare_cluster(settings)
    async with AsyncExitStack() as stack:
        receipts, producer = await _open_clients(settings, stack)
        receipts.assign(cluster.partitions[RECEIPTS])
        await seek_to_end(receipts)
        yield DropConnection(producer, ReceiptInbox(receipts, cluster.id, capacity), cluster.id)


async def _prepare_cluster(settings: Settings) -> ClusterDescription:
    """The cluster, once it has all topics."""
    topics = load_topics()
    names = {topic.name for topic in topics}
    cluster = await describe_cluster(settings)
    if names <= cluster.partitions.keys():
        return cluster
    await create_missing_topics(settings, topics)
    return await describe_cluster(settings, required=names)


async def _open_clients(
    settings: Settings, stack: AsyncExitStack
) -> tuple[AIOKafkaConsumer, AIOKafkaProducer]:
    """A reader and a producer, opened at the same time; *stack* closes them."""
    reader = asyncio.create_task(stack.enter_async_context(open_reader(settings)))
    producer = asyncio.create_task(stack.enter_async_context(open_producer(settings)))
    # Both have opened or failed before the first failure counts, so that nothing stays open.
    await asyncio.gather(reader, producer, return_exceptions=True)
    return await reader, await producer


def lost_drops(count: int) -> KafkaUnavailable:
    """The error after a cluster was created again, with drops that it had not answered."""
    return KafkaUnavailable(
        f"the Kafka cluster was created again, and {count} unanswered drops were lost with the old "
        "one: drop them again; that does no harm to those that were not lost"
    )
