"""A proxy in front of MongoDB, for the tests that see or change what passes."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest

from tests.integration.store.mongo.mongo_proxy import MongoProxy


@pytest.fixture
async def proxy(mongo: str) -> AsyncIterator[MongoProxy]:
    server = urlsplit(mongo)
    assert server.hostname
    async with MongoProxy(server.hostname, server.port or 27017) as running:
        yield running


@pytest.fixture
def proxy_url(proxy: MongoProxy, store_url: str) -> str:
    """The URL of this test's store, behind the proxy."""
    return proxy.url(store_url.rpartition("/")[2])
