"""How fast a backfill goes: as fast as a seed that is dropped now would not notice.

Whatever the backfill sends waits in the same topics as live drops do. So how long the oldest record
of any stage has waited is how long a live drop would wait. Pure.
"""

from dataclasses import dataclass
from typing import Final

SMALLEST: Final = 10
FIRST: Final = 50
LARGEST: Final = 1000


@dataclass(frozen=True)
class Pace:
    """How many seeds are sent together, and how long they may make others wait, in seconds."""

    most_delay: float
    size: int = FIRST

    def must_wait(self, delay: float) -> bool:
        """Whether the next seeds would come on top of too much."""
        return delay > self.most_delay

    def after(self, delay: float) -> "Pace":
        """The pace once *delay* was seen: twice as fast if it is small, half if it is too large."""
        if self.must_wait(delay):
            return Pace(self.most_delay, max(SMALLEST, self.size // 2))
        if delay < self.most_delay / 2:
            return Pace(self.most_delay, min(LARGEST, self.size * 2))
        return self
