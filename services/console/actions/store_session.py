"""An opened store for the time of one action."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.settings import Settings
from shared.store import Store, connect


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[Store]:
    """The store that the settings name, closed after the block. Raises StoreUnavailable."""
    store = connect(settings.store_url, settings.pictures)
    await store.open()
    try:
        yield store
    finally:
        await store.close()
