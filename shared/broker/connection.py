"""How every client of ours talks to Kafka: one place for addresses, time-outs and delivery settings."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from shared.errors import BrokerAway, SettingsError
from shared.kafka_security import KafkaSecurity
from shared.settings import Settings

START_SECONDS = (
    10.0  # a broker that is there answers in milliseconds; a hung start would wait for ever
)
ANSWER_SECONDS = (
    2.5  # then another broker is asked: a dead controller is replaced within some seconds
)
ASKED_AGAIN_AFTER = 0.3
# How long a broker holds a fetch that finds nothing. Apache Kafka answers as soon as there is something, the embedded
# broker sees that only when a quarter of this is over, or somewhat later: 14 ms at 100, 76 at 500. With 10 it was 6,
# but a newsroom in which nothing happened took a whole core.
LISTENING_MS = 100
ASKING_MS = 10  # for whoever asks once and ends

Answer = TypeVar("Answer")


@asynccontextmanager
async def admin(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    client = AIOKafkaAdminClient(**client_options(settings), request_timeout_ms=10_000)
    await started(client, settings)
    try:
        yield client
    finally:
        await client.close()


async def ask(
    settings: Settings, question: Callable[[AIOKafkaAdminClient], Awaitable[Answer]]
) -> Answer:
    """The cluster's answer to *question*, which may be asked several times. Raises BrokerAway.

    Of several brokers one may be dead, and the others name it for a while: each time a new client looks for one that
    answers.
    """
    until = time.monotonic() + START_SECONDS
    while True:
        async with admin(settings) as client:
            try:
                return await asyncio.wait_for(question(client), ANSWER_SECONDS)
            except (KafkaError, TimeoutError) as error:
                if time.monotonic() > until:
                    raise BrokerAway(
                        f"Kafka at {settings.kafka_address} gives no answer: {error!r}"
                    ) from error
        await asyncio.sleep(ASKED_AGAIN_AFTER)


@asynccontextmanager
async def producer(settings: Settings) -> AsyncIterator[AIOKafkaProducer]:
    """A producer that waits for all replicas. Its sends keep their order within a partition."""
    client = AIOKafkaProducer(**client_options(settings), **producer_options(settings))
    await started(client, settings)
    try:
        yield client
    finally:
        await client.stop()


@asynccontextmanager
async def reader(
    settings: Settings, group: str | None = None, fetch_wait_ms: int = ASKING_MS
) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer that is no member of any group: it assigns itself what it wants to read, and commits nothing."""
    client = AIOKafkaConsumer(
        **client_options(settings),
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=fetch_wait_ms,
    )
    await started(client, settings)
    try:
        yield client
    finally:
        await client.stop()


def client_options(settings: Settings) -> dict[str, Any]:
    """What every client of aiokafka is made with: where Kafka is, and how we are let in. Raises SettingsError."""
    options = {
        "bootstrap_servers": settings.kafka_address,
        "security_protocol": settings.kafka_security.upper(),
        "ssl_context": tls(settings),
    }
    if not settings.kafka_with_password:
        return options
    return options | {
        "sasl_mechanism": settings.kafka_sasl_mechanism,
        "sasl_plain_username": settings.kafka_username,
        "sasl_plain_password": settings.kafka_password.get_secret_value(),
    }


def tls(settings: KafkaSecurity) -> ssl.SSLContext | None:
    """Verifies Kafka's certificate and its name; shows ours if there is one. None: no TLS. Raises SettingsError."""
    if not settings.kafka_over_tls:
        return None
    try:
        context = ssl.create_default_context(cafile=settings.kafka_ca_file)
        if settings.kafka_cert_file is not None:
            # a password of nothing: an encrypted key is an error, not a question on the terminal
            context.load_cert_chain(settings.kafka_cert_file, settings.kafka_key_file, password="")
    except (OSError, ValueError) as error:
        files = f"{settings.kafka_ca_file or 'the trusted authorities'}, {settings.kafka_cert_file or 'no certificate'}"
        raise SettingsError(f"TLS with Kafka cannot be set up from {files}: {error}") from error
    return context


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
    (answer,) = await ask(settings, lambda client: client.describe_topics([topic]))
    return [
        TopicPartition(topic, number)
        for number in sorted(p["partition"] for p in answer["partitions"])
    ]


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


async def cluster_id(settings: Settings) -> str:
    """The id of the cluster, new when it was made anew. Raises BrokerAway."""
    return str((await ask(settings, lambda client: client.describe_cluster()))["cluster_id"])
