"""A store for the time of one block, by its URL."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.store import Store, connect


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Store]:
    store = connect(url)
    await store.open()
    try:
        yield store
    finally:
        await store.close()
