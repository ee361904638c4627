"""The start of a process: it waits for Kafka and the store as its work does.

Its health pages are open meanwhile, and a signal to stop is obeyed.
"""

import asyncio
import logging
import signal
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

from shared.broker.reading.progress import Progress
from shared.concurrency.background import cancel_all
from shared.errors import DependencyUnavailable, StoreUnavailable
from shared.runtime.liveness.health import Obstacle, Signs
from shared.runtime.liveness.health_pages import serve_health
from shared.settings import Settings
from shared.store import Store

log = logging.getLogger(__name__)

INTERVAL_SECONDS: Final = 2.0  # between attempts: an engine that starts takes some seconds anyway
STOP_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)

Result = TypeVar("Result")


class StoppedAtStart(Exception):
    """The process was told to stop before it could begin. Consequence: exit code 0."""


async def wait_for_store(store: Store, settings: Settings, service: str) -> None:
    """Open *store*; while it is unavailable, wait with the health pages of *service* open.

    Raises StoreUnavailable after the retry deadline, and StoppedAtStart.
    """
    try:
        await store.open()
    except StoreUnavailable as error:
        log.warning("%s waits: %s", service, error)
        progress = Progress(groups=())
        progress.mark_waiting(error)
        async with serve_health(settings, service, lambda: _read_signs(progress), lambda: None):
            await wait_for_dependency(store.open, progress, settings.retry_seconds)


async def wait_for_dependency(
    attempt: Callable[[], Awaitable[Result]], progress: Progress, retry_seconds: float
) -> Result:
    """The result of *attempt*, which is repeated while a dependency is unavailable.

    Raises DependencyUnavailable after the retry deadline, and StoppedAtStart on a signal to stop.
    """
    with _catch_stop_signals() as stopping:
        work = asyncio.ensure_future(_repeat(attempt, progress, retry_seconds))
        stop = asyncio.create_task(stopping.wait())
        try:
            await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                return work.result()
            raise StoppedAtStart
        finally:
            await cancel_all([work, stop])


async def _repeat(
    attempt: Callable[[], Awaitable[Result]], progress: Progress, retry_seconds: float
) -> Result:
    deadline = time.monotonic() + retry_seconds
    while True:
        try:
            result = await attempt()
        except DependencyUnavailable as error:
            if progress.mark_waiting(error):
                log.warning("the start waits: %s", error)
            if time.monotonic() > deadline:
                raise
        else:
            progress.end_wait()
            return result
        await asyncio.sleep(INTERVAL_SECONDS)


@contextmanager
def _catch_stop_signals() -> Iterator[asyncio.Event]:
    """The event is set by a signal to stop, which ends nothing by itself meanwhile."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, stopping.set)
    try:
        yield stopping
    finally:
        for number in STOP_SIGNALS:
            loop.remove_signal_handler(number)


def _read_signs(progress: Progress) -> Signs:
    """Of a process that has not begun: it does nothing but wait."""
    now = progress.clock()
    wait = progress.waiting
    return Signs(
        has_joined=True,
        started=now - progress.began,
        unassigned=None,
        batch=None,
        finished=now - progress.finished,
        fetched=None,
        stored=now - progress.stored,
        waiting=Obstacle(wait.dependency, now - wait.since, wait.note) if wait else None,
    )
