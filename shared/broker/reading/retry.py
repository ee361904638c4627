"""Retries while a dependency is unavailable: backoff with full jitter, up to a deadline."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from shared.broker.reading.progress import Progress
from shared.errors import DependencyUnavailable

log = logging.getLogger(__name__)

Result = TypeVar("Result")

FIRST_BACKOFF_SECONDS: Final = 0.1
MAX_BACKOFF_SECONDS: Final = 5.0


class Retry:
    """Repeats actions that raise DependencyUnavailable; *progress* learns what they wait for."""

    def __init__(self, seconds: float, progress: Progress) -> None:
        self._seconds = seconds
        self._progress = progress

    async def run(self, action: Callable[[], Awaitable[Result]]) -> Result:
        """The result of *action*. Blocks while its dependency is unavailable.

        After the deadline its DependencyUnavailable is raised, which ends the process.
        """
        backoff, deadline = FIRST_BACKOFF_SECONDS, time.monotonic() + self._seconds
        work = object()
        try:
            while True:
                try:
                    return await action()
                except DependencyUnavailable as error:
                    if time.monotonic() > deadline:
                        raise
                    self._note(error, work)
                await asyncio.sleep(random.uniform(0, backoff))
                backoff = min(2 * backoff, MAX_BACKOFF_SECONDS)
        finally:
            self._progress.end_wait(work)

    def _note(self, error: DependencyUnavailable, work: object) -> None:
        is_new = self._progress.mark_waiting(error, work)
        if is_new:
            log.warning("waiting: %s", error)
        self._progress.counts["retried"] += 1
