"""How every client of ours talks to Kafka: one place for addresses, time-outs and delivery settings."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from shared.errors import BrokerAway
from shared.settings import Settings

START_SECONDS = 10.0  # a broker that is there answers in milliseconds; a hung start would wait for ever


@asynccontextmanager
async def admin(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    client = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_address, request_timeout_ms=10_000)
    await started(client, settings)
    try:
        yield client
    finally:
        await client.close()


@asynccontextmanager
async def producer(settings: Settings) -> AsyncIterator[AIOKafkaProducer]:
    """A producer that waits for all replicas. Its sends keep their order within a partition."""
    client = AIOKafkaProducer(bootstrap_servers=settings.kafka_address, **producer_options(settings))
    await started(client, settings)
    try:
        yield client
    finally:
        await client.stop()


@asynccontextmanager
async def reader(settings: Settings, group: str | None = None) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer that is no member of any group: it assigns itself what it wants to read, and commits nothing."""
    client = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka_address,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=10,  # the embedded broker answers an empty fetch only after a quarter of this
    )
    await started(client, settings)
    try:
        yield client
    finally:
        await client.stop()


def producer_options(settings: Settings) -> dict[str, Any]:
    return {
        "acks": "all",
        "enable_idempotence": settings.kafka_idempotence and not settings.embedded,
        "linger_ms": 5,
        "max_batch_size": 131_072,  # double the throughput of the default 16 KB (measured)
        "max_request_size": 2_097_152,  # the largest of deploy/topics.toml
        "request_timeout_ms": 20_000,
    }


async def started(client: Any, settings: Settings) -> None:
    """Start *client* within a bound, or raise BrokerAway. Kafka's clients give no reason: neither can we."""
    try:
        await asyncio.wait_for(client.start(), START_SECONDS)
    except (KafkaError, OSError, TimeoutError) as error:
        await (client.close() if hasattr(client, "close") else client.stop())
        raise BrokerAway(
            f"Kafka at {settings.kafka_address} does not answer: is it running, and are the address and the "
            f"credentials right? ({type(error).__name__})"
        ) from error


async def partitions(settings: Settings, topic: str) -> list[TopicPartition]:
    """The partitions of *topic*, none if it does not exist. A reader that is no group member has to name them."""
    async with admin(settings) as client:
        (answer,) = await client.describe_topics([topic])
    return [TopicPartition(topic, number) for number in sorted(p["partition"] for p in answer["partitions"])]


async def ends(client: AIOKafkaConsumer) -> dict[TopicPartition, int]:
    """The end of each partition assigned to *client*: the offset its next record will get. Raises BrokerAway.

    Asked by fetching: the embedded broker's answer to *list offsets* is wrong. Moves the positions of *client*.
    """
    assigned = client.assignment()
    try:
        async with asyncio.timeout(START_SECONDS):
            while any(client.highwater(partition) is None for partition in assigned):
                await client.getmany(timeout_ms=20, max_records=1)
    except TimeoutError as error:
        raise BrokerAway(f"the ends of {len(assigned)} partitions cannot be read") from error
    return {partition: client.highwater(partition) for partition in assigned}


async def skip_to_end(client: AIOKafkaConsumer) -> None:
    """Read on with what is written from now on."""
    for partition, end in (await ends(client)).items():
        client.seek(partition, end)


async def cluster_id(client: AIOKafkaAdminClient) -> str:
    """The id of the cluster, new when it was made anew."""
    return str((await client.describe_cluster())["cluster_id"])
