"""What every command needs first: its settings, an event loop, the store opened and closed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from shared.settings import Settings
from shared.store import Store, connect

Result = TypeVar("Result")


def with_store(settings: Settings, work: Callable[[Store], Awaitable[Result]]) -> Result:
    """Run *work* on the opened store. Raises StoreAway."""

    async def opened() -> Result:
        async with open_store(settings) as store:
            return await work(store)

    return asyncio.run(opened())


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[Store]:
    store = connect(settings.store_url, settings.pictures)
    await store.open()
    try:
        yield store
    finally:
        await store.close()
