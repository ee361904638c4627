"""The real engines of tests: those that the environment names, or else those of `tests/engines`.

| variable              | names                                                                    |
| `SEEDWIRE_TEST_KAFKA` | `host:port` of a Kafka in plain text, **whose topics of Seedwire may be  |
|                       | deleted**                                                                |
| `SEEDWIRE_TEST_STORE` | a `mongodb://` URL without a database; each test creates a database of   |
|                       | its own and leaves it                                                    |
"""

import asyncio
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from shared.events.topics import load_topics
from tests.engines.fetch import fetch_jars, find_missing_tools
from tests.engines.kafka import KafkaCluster
from tests.engines.mongo import MongoStandIn

DELETION_SECONDS: Final = 60.0  # Kafka deletes topics some time after it has confirmed it


def named_kafka() -> str:
    return os.environ.get("SEEDWIRE_TEST_KAFKA", "")


def named_store() -> str:
    return os.environ.get("SEEDWIRE_TEST_STORE", "").rstrip("/")


@contextmanager
def start_apache_kafka(folder: Path) -> Iterator[dict[str, str]]:
    """A Kafka without Seedwire's topics: the named one, or a new one with one node."""
    if address := named_kafka():
        asyncio.run(_delete_topics(address))
        yield {"SEEDWIRE_KAFKA": address}
        return
    with KafkaCluster(require_jars(), folder) as cluster:
        yield {"SEEDWIRE_KAFKA": cluster.bootstrap}


@contextmanager
def start_real_store(folder: Path) -> Iterator[str]:
    """The named MongoDB, or a new stand-in in memory.

    The caller appends `/` and a database name to the URL.
    """
    if url := named_store():
        yield url
        return
    with MongoStandIn(require_jars(), folder) as mongo:
        yield mongo.uri


@contextmanager
def start_mongo_stand_in(folder: Path) -> Iterator[dict[str, str]]:
    with MongoStandIn(require_jars(), folder) as mongo:
        yield {"SEEDWIRE_STORE": f"{mongo.uri}/seedwire"}


def require_jars() -> Path:
    """The jars of the test engines; skips the test if they cannot be had."""
    missing = find_missing_tools()
    if missing is not None:
        pytest.skip(f"no Apache Kafka and no stand-in for MongoDB here: {missing}")
    return fetch_jars()


async def _delete_topics(address: str) -> None:
    """Delete Seedwire's topics, and with them the offsets that groups have committed there."""
    own = {topic.name for topic in load_topics()}
    deadline = time.monotonic() + DELETION_SECONDS
    client = AIOKafkaAdminClient(bootstrap_servers=address)
    await client.start()
    try:
        while remaining := sorted(own & set(await client.list_topics())):
            names = ", ".join(remaining)
            assert time.monotonic() < deadline, f"{address} does not delete {names}"
            await client.delete_topics(remaining)
            await asyncio.sleep(0.2)
    finally:
        await client.close()
