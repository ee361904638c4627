"""The jars, fetched once for all tests that need them, and Kafka's admin client."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from deploy.embedded.errors import FetchFailed
from tests.engines.fetch import available, fetch

Admin = Callable[[str], AbstractAsyncContextManager[AIOKafkaAdminClient]]


@pytest.fixture(scope="session")
def libs() -> Path:
    lack = available()
    if lack:
        pytest.skip(f"no Apache Kafka and no mongo-java-server here: {lack}")
    try:
        return fetch()
    except FetchFailed as error:
        pytest.skip(f"no Apache Kafka and no mongo-java-server here: {error}")


@pytest.fixture
def admin() -> Admin:
    """Opens an admin client for a bootstrap address."""

    @asynccontextmanager
    async def one(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
        client = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
        await client.start()
        try:
            yield client
        finally:
            await client.close()

    return one
