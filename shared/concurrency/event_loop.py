"""Long computations let the event loop work in between.

Heartbeats to Kafka go out on it: a process that blocks it for longer than the session loses its
partitions, may not commit what it has done, and gets the same batch again.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Final

MAX_BLOCKED_SECONDS: Final = 0.05


class LoopYielder:
    """Yields to the event loop now and then: await `yield_if_due` between the parts of the work."""

    def __init__(
        self, seconds: float = MAX_BLOCKED_SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds = seconds
        self._clock = clock
        self._since = clock()

    async def yield_if_due(self) -> None:
        """Let others run, if they had to wait for longer than these seconds."""
        if self._clock() - self._since < self._seconds:
            return
        await asyncio.sleep(0)
        self._since = self._clock()
