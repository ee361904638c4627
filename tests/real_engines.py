"""The real engines of tests: those that the environment names, or else our own out of `tests/engines`.

| variable              | names                                                                                   |
| `SEEDWIRE_TEST_KAFKA` | `host:port` of a Kafka in plain text, **whose topics of Seedwire may be deleted**       |
| `SEEDWIRE_TEST_STORE` | a `mongodb://` address without a database; each test makes one of its own and leaves it |
"""

import asyncio
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from shared.broker.topics import declared
from tests.engines.fetch import available, fetch
from tests.engines.kafka import KafkaCluster
from tests.engines.mongo import MongoStandIn

DELETED_WITHIN = 60.0  # seconds; Kafka deletes topics some time after it said so


def kafka_address() -> str:
    return os.environ.get("SEEDWIRE_TEST_KAFKA", "")


def store_address() -> str:
    return os.environ.get("SEEDWIRE_TEST_STORE", "").rstrip("/")


@contextmanager
def apache_kafka(folder: Path) -> Iterator[dict[str, str]]:
    """A Kafka without our topics: the named one, or a new one of one node."""
    if named := kafka_address():
        asyncio.run(_emptied(named))
        yield {"SEEDWIRE_KAFKA": named}
        return
    with KafkaCluster(libs(), folder) as cluster:
        yield {"SEEDWIRE_KAFKA": cluster.bootstrap}


@contextmanager
def real_store(folder: Path) -> Iterator[str]:
    """The named MongoDB, or a new stand-in that keeps all in memory. To be ended by `/` and a name."""
    if named := store_address():
        yield named
        return
    with MongoStandIn(libs(), folder) as mongo:
        yield mongo.uri


@contextmanager
def mongo_stand_in(folder: Path) -> Iterator[dict[str, str]]:
    with MongoStandIn(libs(), folder) as mongo:
        yield {"SEEDWIRE_STORE": f"{mongo.uri}/seedwire"}


def libs() -> Path:
    if (missing := available()) is not None:
        pytest.skip(f"no Apache Kafka and no stand-in for MongoDB here: {missing}")
    return fetch()


async def _emptied(address: str) -> None:
    """Delete our topics, and with them the offsets that groups committed there."""
    ours = {topic.name for topic in declared()}
    client = AIOKafkaAdminClient(bootstrap_servers=address)
    await client.start()
    try:
        until = time.monotonic() + DELETED_WITHIN
        while left := ours & set(await client.list_topics()):
            assert time.monotonic() < until, f"{address} does not delete {', '.join(sorted(left))}"
            await client.delete_topics(sorted(left))
            await asyncio.sleep(0.2)
    finally:
        await client.close()
