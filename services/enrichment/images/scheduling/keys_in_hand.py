"""The keys that this process is fetching, so that each is fetched once at a time."""

import asyncio
from collections.abc import Collection, Iterator
from contextlib import contextmanager


class KeysInHand:
    def __init__(self) -> None:
        self._events: dict[str, asyncio.Event] = {}  # set when the key is not in hand any more

    def __contains__(self, key: str) -> bool:
        return key in self._events

    @contextmanager
    def hold(self, keys: Collection[str]) -> Iterator[None]:
        """Take *keys*, which nobody holds, in hand; those not yet released are, at the end."""
        events = {key: asyncio.Event() for key in keys}
        self._events |= events
        try:
            yield
        finally:
            for key, event in events.items():
                if self._events.get(key) is event:
                    self.release(key)

    def release(self, key: str) -> None:
        """Wakes all that wait for the key."""
        self._events.pop(key).set()

    async def wait_for(self, keys: Collection[str]) -> None:
        """Blocks until none of *keys* is in the hands that hold it now."""
        events = [self._events[key] for key in keys if key in self._events]
        for event in events:
            await event.wait()
