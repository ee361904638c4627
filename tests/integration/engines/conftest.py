"""The jars, fetched once for all tests that need them, and Kafka's admin client."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from tests.engines.errors import FetchFailed
from tests.engines.fetch import fetch_jars, find_missing_tools

Admin = Callable[[str], AbstractAsyncContextManager[AIOKafkaAdminClient]]


@pytest.fixture(scope="session")
def jars() -> Path:
    missing = find_missing_tools()
    if missing:
        pytest.skip(f"no Apache Kafka and no mongo-java-server here: {missing}")
    try:
        return fetch_jars()
    except FetchFailed as error:
        pytest.skip(f"no Apache Kafka and no mongo-java-server here: {error}")


@pytest.fixture
def admin() -> Admin:
    """Opens an admin client for a bootstrap address."""

    @asynccontextmanager
    async def open_admin(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
        client = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
        await client.start()
        try:
            yield client
        finally:
            await client.close()

    return open_admin
