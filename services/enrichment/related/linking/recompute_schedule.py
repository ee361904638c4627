"""When a worker recomputes: at once after a small batch, seldom while it works off a backlog.

In a backlog the same neighbourhoods change again and again (docs/decisions/0032).
"""

from datetime import datetime, timedelta
from typing import Final

SMALL_BATCH: Final = 50  # articles; a worker with larger batches has a backlog
# After a large batch. By the end of it the next batch is well in hand, or there is none.
BACKLOG_PERIOD: Final = timedelta(seconds=3)
PAUSE_FACTOR: Final = 19  # a pause per time of recomputing: in a backlog that gets a twentieth
MAX_PAUSE: Final = timedelta(seconds=10)


class RecomputeSchedule:
    """What one worker knows about its own load; no other worker needs to know."""

    def __init__(self, now: datetime) -> None:
        self._backlog_until = now
        self._pause_until = now

    def is_due(self, now: datetime) -> bool:
        """Whether to recompute now: there is no backlog, or the pause is over."""
        remaining = min(self._backlog_until, self._pause_until) - now
        has_clock_gone_back = remaining > MAX_PAUSE
        return remaining <= timedelta(0) or has_clock_gone_back

    def record_backlog(self, now: datetime) -> None:
        """Take note of a large batch."""
        self._backlog_until = now + BACKLOG_PERIOD

    def record_recompute(self, started: datetime, ended: datetime) -> None:
        """Take note of a round, after which a worker with a backlog pauses."""
        self._pause_until = ended + min(PAUSE_FACTOR * (ended - started), MAX_PAUSE)
