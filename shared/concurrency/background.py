"""Work that runs beside something else in this process, and ends with it."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import asynccontextmanager
from typing import Any


async def cancel_all(tasks: Iterable[asyncio.Future[Any]]) -> None:
    """Cancel *tasks*, and return when all of them have ended. What they raise is dropped."""
    ending = list(tasks)
    for task in ending:
        task.cancel()
    await asyncio.gather(*ending, return_exceptions=True)


@asynccontextmanager
async def run_beside(*works: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run *works* while the block runs, and cancel them after it.

    One that fails ends alone, and the block goes on.
    """
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        await cancel_all(tasks)
