"""Records that arrive: fetches that wait for them are told, so that they need not ask again."""

import asyncio
from collections.abc import Iterator, Set
from contextlib import contextmanager


class Arrivals:
    """Which fetches wait, and for which topics. All clients of the gateway share one."""

    def __init__(self) -> None:
        self._waiting: dict[asyncio.Event, Set[str] | None] = {}

    @contextmanager
    def watch(self, topics: Set[str] | None) -> Iterator[asyncio.Event]:
        """An event that is set when records arrive in one of *topics* while the block runs.

        None stands for all topics. Enter it before looking for records: what arrives after the look
        sets the event.
        """
        arrival = asyncio.Event()
        self._waiting[arrival] = topics
        try:
            yield arrival
        finally:
            del self._waiting[arrival]

    def announce(self, topics: Set[str]) -> None:
        """Tell who waits for one of *topics*. The broker must have the records already."""
        for arrival, wanted in self._waiting.items():
            if wanted is None or wanted & topics:
                arrival.set()
