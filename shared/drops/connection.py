"""The connection that drops need: a producer, and an inbox of receipts from now on."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from aiokafka import AIOKafkaProducer

from shared.broker.connection import (
    fetch_cluster_id,
    list_partitions,
    open_producer,
    open_reader,
    seek_to_end,
)
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
    await create_missing_topics(settings, load_topics())
    cluster = await fetch_cluster_id(settings)
    async with AsyncExitStack() as stack:
        receipts = await stack.enter_async_context(open_reader(settings))
        receipts.assign(await list_partitions(settings, RECEIPTS))
        await seek_to_end(receipts)
        producer = await stack.enter_async_context(open_producer(settings))
        yield DropConnection(producer, ReceiptInbox(receipts, cluster, capacity), cluster)


def lost_drops(count: int) -> KafkaUnavailable:
    """The error after a cluster was created again, with drops that it had not answered."""
    return KafkaUnavailable(
        f"the Kafka cluster was created again, and {count} unanswered drops were lost with the old "
        "one: drop them again; that does no harm to those that were not lost"
    )
