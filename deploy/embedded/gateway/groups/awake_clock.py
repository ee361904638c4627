"""A clock for sessions, which stands still while this process does."""

import time
from collections.abc import Callable
from typing import Final

# Seconds. The clock is read ten times as often if the process gets to work at all.
LONGEST_STEP: Final = 0.5


class AwakeClock:
    """Seconds, without the time in which this process could not work.

    A machine that is overloaded or suspended stops clients and gateway alike. Sessions that ran on
    meanwhile would be over when it goes on, although nobody has died.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._read_at = clock()
        self._seconds = 0.0

    def read(self) -> float:
        """The seconds so far. Call it often: a step of more than half a second counts as that."""
        now = self._clock()
        self._seconds += min(now - self._read_at, LONGEST_STEP)
        self._read_at = now
        return self._seconds
