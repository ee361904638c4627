"""How every client talks to Kafka: one place for addresses, timeouts and delivery settings."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from shared.broker.errors.error_classes import classify, translate_error
from shared.broker.network import dead_hosts, reset_connections
from shared.broker.network.live_brokers import find_live_brokers
from shared.broker.network.refused_connections import find_refusal
from shared.broker.network.tls import build_tls_context
from shared.broker.reading.polling import lenient_records
from shared.errors import ErrorClass, KafkaUnavailable
from shared.settings import Settings

# A running broker answers in milliseconds; without a limit a client would wait for ever.
START_SECONDS: Final = 10.0
# Then another broker is asked: a dead controller is replaced within some seconds.
RESPONSE_SECONDS: Final = 2.5
QUERY_INTERVAL_SECONDS: Final = 0.3
# How long a broker holds a fetch that finds nothing. Apache Kafka and the embedded broker's gateway
# answer as soon as there is a record, so a long wait delays none; every fetch that is answered
# without one costs CPU. But aiokafka leaves partitions out of a fetch while a slow handler has not
# taken their last records, and Apache Kafka then holds it although others come for these.
LONG_FETCH_WAIT_MS: Final = 500
EMBEDDED_FETCH_WAIT_MS: Final = 1000  # the gateway tells of those partitions as well
SHORT_FETCH_WAIT_MS: Final = 10  # for a reader that reads to the end once

Answer = TypeVar("Answer")

dead_hosts.install()
lenient_records.install()
reset_connections.install()


@asynccontextmanager
async def open_admin(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    """An admin client that is connected while the block runs. Raises KafkaUnavailable."""
    options = await find_client_options(settings)
    client = AIOKafkaAdminClient(**options, request_timeout_ms=10_000)
    await start_client(client, settings)
    try:
        yield client
    finally:
        await client.close()


async def query_cluster(
    settings: Settings, query: Callable[[AIOKafkaAdminClient], Awaitable[Answer]]
) -> Answer:
    """The cluster's answer to *query*, which may run several times.

    Raises KafkaUnavailable, or DependencyRejected when Kafka does not let us ask.

    A dead broker may be among several, and the others name it for a while: each attempt uses a new
    client, which looks for a broker that answers.
    """
    deadline = time.monotonic() + START_SECONDS
    while True:
        async with open_admin(settings) as client:
            try:
                return await asyncio.wait_for(query(client), RESPONSE_SECONDS)
            except (KafkaError, TimeoutError) as error:
                if classify(error) is ErrorClass.FATAL or time.monotonic() > deadline:
                    sentence = f"Kafka at {settings.kafka_address} gives no answer"
                    raise translate_error(error, sentence) from error
        await asyncio.sleep(QUERY_INTERVAL_SECONDS)


@asynccontextmanager
async def open_producer(settings: Settings) -> AsyncIterator[AIOKafkaProducer]:
    """A producer that waits for all replicas. Its sends keep their order within a partition."""
    client = await start_producer(settings)
    try:
        yield client
    finally:
        await client.stop()


async def start_producer(settings: Settings) -> AIOKafkaProducer:
    """As `open_producer`, for a caller that stops it. Raises KafkaUnavailable."""
    options = await find_client_options(settings)
    client = AIOKafkaProducer(**options, **producer_options(settings))
    await start_client(client, settings)
    return client


@asynccontextmanager
async def open_reader(
    settings: Settings, group: str | None = None, fetch_wait_ms: int = SHORT_FETCH_WAIT_MS
) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer that joins no group: it assigns its own partitions, and commits nothing.

    *group* only names the group whose committed offsets it can look up.
    """
    client = AIOKafkaConsumer(
        **await find_client_options(settings),
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=fetch_wait_ms,
    )
    await start_client(client, settings)
    try:
        yield client
    finally:
        await client.stop()


async def find_client_options(settings: Settings) -> dict[str, Any]:
    """As `client_options`, with the brokers that answer alone. Raises KafkaUnavailable."""
    options = client_options(settings)
    live_brokers = await find_live_brokers(settings.kafka_address)
    return options | {"bootstrap_servers": live_brokers}


def client_options(settings: Settings) -> dict[str, Any]:
    """Options of every aiokafka client: where Kafka is, and credentials. Raises SettingsError."""
    options = {
        "bootstrap_servers": settings.kafka_address,
        "security_protocol": settings.kafka_security.upper(),
        "ssl_context": build_tls_context(settings),
    }
    if not settings.kafka_uses_password:
        return options
    return options | {
        "sasl_mechanism": settings.kafka_sasl_mechanism,
        "sasl_plain_username": settings.kafka_username,
        "sasl_plain_password": settings.read_kafka_password(),
    }


def producer_options(settings: Settings) -> dict[str, Any]:
    return {
        "acks": "all",
        "enable_idempotence": settings.kafka_idempotence and not settings.is_embedded,
        "linger_ms": 5,
        "max_batch_size": 131_072,  # double the throughput of the default 16 KB (measured)
        "max_request_size": 2_097_152,  # the largest of deploy/topics.toml
        "request_timeout_ms": 20_000,
    }


async def start_client(client: Any, settings: Settings) -> None:
    """Start *client* before its deadline, or raise KafkaUnavailable or DependencyRejected.

    The client does not say why it failed to connect, so that is asked afterwards.
    """
    try:
        await asyncio.wait_for(client.start(), START_SECONDS)
    except (KafkaError, OSError, TimeoutError) as error:
        await (client.close() if hasattr(client, "close") else client.stop())
        if classify(error) is ErrorClass.FATAL:
            sentence = f"Kafka at {settings.kafka_address} rejects us"
            raise translate_error(error, sentence) from error
        if refusal := await find_refusal(client_options(settings), settings.kafka_username):
            raise KafkaUnavailable(f"Kafka at {settings.kafka_address} {refusal}") from error
        raise KafkaUnavailable(
            f"Kafka at {settings.kafka_address} does not answer: is it running, and are the "
            f"address and the credentials right? ({type(error).__name__})"
        ) from error


async def fetch_cluster_id(settings: Settings) -> str:
    """The cluster's id; a cluster that is created again has another. Raises KafkaUnavailable."""
    description = await query_cluster(settings, lambda client: client.describe_cluster())
    return str(description["cluster_id"])
