"""The event loop and the opened store that most commands need."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from services.console.actions.store_session import open_store
from shared.settings import Settings, load_settings
from shared.store import Store

Result = TypeVar("Result")


def run_with_store(work: Callable[[Store], Awaitable[Result]]) -> Result:
    """Run *work* with the opened store of the settings. Raises SeedwireError."""

    async def open_and_work() -> Result:
        async with open_store(load_settings(Settings)) as store:
            return await work(store)

    return asyncio.run(open_and_work())
