"""The batches that a consumer has in flight, and whether there is room for another."""

import asyncio
from collections.abc import Collection
from typing import Any, Final

from shared.broker.reading.commits.spans import Spans, join_spans

# Limit on records that are done but not committed, as a multiple of the maximum in flight. They
# wait behind a batch that is not done, and a crash brings all of them again.
UNCOMMITTED_FACTOR: Final = 10


class InFlight:
    """Counts records of batches, oldest first, against *max_records*."""

    def __init__(self, max_records: int) -> None:
        self._max_records = max_records
        self._uncommitted: dict[asyncio.Task[bool], int] = {}
        self._undelivered: dict[asyncio.Task[Any], int] = {}
        self._spans: dict[asyncio.Task[bool], Spans] = {}
        self._has_changed = asyncio.Event()

    @property
    def newest(self) -> asyncio.Task[bool] | None:
        return next(reversed(self._uncommitted), None)

    @property
    def tasks(self) -> Collection[asyncio.Task[bool]]:
        return self._uncommitted.keys()

    @property
    def spans(self) -> Spans:
        """What is not committed. Batches are committed in order, so it has no gaps."""
        return join_spans(self._spans.values())

    def add(self, task: asyncio.Task[bool], records: int, spans: Spans) -> None:
        """*spans* are what is not committed before *task* ends: its records, and perhaps others."""
        self._uncommitted[task] = self._undelivered[task] = records
        self._spans[task] = spans

    def mark_delivered(self, task: asyncio.Task[Any] | None) -> None:
        """The records of *task* are handled; it may still wait to be committed."""
        if task is not None:
            self._undelivered.pop(task, None)
        self._has_changed.set()

    def remove(self, task: asyncio.Task[bool]) -> None:
        self.mark_delivered(task)
        del self._uncommitted[task], self._spans[task]

    async def wait_for_room(self) -> None:
        """Return when another batch may begin."""
        while self._is_full():
            self._has_changed.clear()
            await self._has_changed.wait()

    def _is_full(self) -> bool:
        if sum(self._undelivered.values()) >= self._max_records:
            return True
        return sum(self._uncommitted.values()) >= UNCOMMITTED_FACTOR * self._max_records
