"""When a worker recomputes: at once after a small batch, seldom while it works off a backlog.

In a backlog the same neighbourhoods change again and again (docs/decisions/0032). So does a large
story to which articles come one by one: each of them has all of it recomputed, so the worker rests
after a round of many articles (docs/decisions/0053).
"""

from datetime import datetime, timedelta
from typing import Final

SMALL_BATCH: Final = 50  # articles; a worker with larger batches has a backlog
# After a large batch. By the end of it the next batch is well in hand, or there is none.
BACKLOG_PERIOD: Final = timedelta(seconds=3)
PAUSE_FACTOR: Final = 19  # a pause per time of recomputing: in a backlog that gets a twentieth
MAX_PAUSE: Final = timedelta(seconds=10)
LARGE_ROUND: Final = 200  # articles: a smaller round takes less than the batch before it
REST_FACTOR: Final = 4  # a rest per time of a large round: those get a fifth


class RecomputeSchedule:
    """What one worker knows about its own load; no other worker needs to know."""

    def __init__(self, now: datetime) -> None:
        self._backlog_until = now
        self._pause_until = now
        self._rest_until = now

    def is_due(self, now: datetime) -> bool:
        """Whether to recompute in the periodic task: there is no backlog, or the pause is over."""
        remaining = min(self._backlog_until, self._pause_until) - now
        return self.is_rested(now) and _is_over(remaining)

    def is_rested(self, now: datetime) -> bool:
        """Whether to recompute after a small batch: the last round was small, or is long over."""
        return _is_over(self._rest_until - now)

    def record_backlog(self, now: datetime) -> None:
        """Take note of a large batch."""
        self._backlog_until = now + BACKLOG_PERIOD

    def record_round(self, started: datetime, ended: datetime, articles: int) -> None:
        """Take note of a round around so many *articles*; a worker pauses or rests after it."""
        duration = ended - started
        self._pause_until = ended + min(PAUSE_FACTOR * duration, MAX_PAUSE)
        if articles >= LARGE_ROUND:
            self._rest_until = ended + min(REST_FACTOR * duration, MAX_PAUSE)


def _is_over(remaining: timedelta) -> bool:
    """Whether nothing remains of a pause, or the clock has gone back."""
    return remaining <= timedelta(0) or remaining > MAX_PAUSE
