"""When a worker recomputes: at once after a small batch, now and then while it works off a backlog.

In a backlog the same neighbourhoods change again and again (docs/decisions/0032). So does a large
story to which articles come one by one: each of them has all of it recomputed, so the worker rests
after a round of many articles (docs/decisions/0053, 0058). What costs is the articles that a round
looks at *again*. A round of new articles alone has to be made at some time, and nobody is to wait
for it (docs/decisions/0057); nor for the last round of a backlog (docs/decisions/0060).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

from shared.clock import Clock

SMALL_BATCH: Final = 50  # articles; a worker with larger batches has a backlog
# After a large batch. By the end of it the next batch is in hand, or there is none.
BACKLOG_PERIOD: Final = timedelta(seconds=1)
# After a backlog. By the end of it nothing more comes from ingest, on a slow machine either.
QUIET_PERIOD: Final = timedelta(seconds=1)
# A pause per time of recomputing again: in a backlog that gets a twentieth.
PAUSE_FACTOR: Final = 19
MAX_PAUSE: Final = timedelta(seconds=10)
ALL_ARTICLES: Final = 2**31  # more than any round has
# Articles looked at again: a smaller round takes a fraction of the batch before it.
LARGE_ROUND: Final = 50
REST_FACTOR: Final = 9  # a rest per time of a large round: those get a tenth


class RecomputeSchedule:
    """What one worker knows about its own load; no other worker needs to know."""

    def __init__(self, now: datetime) -> None:
        self._large_batches = 0  # in hand
        self._new_articles = 0  # that no round has looked at yet, with the statistics of now
        self._backlog_until = now
        self._had_backlog = False  # whose end was not taken yet
        self._pause_until = now
        self._rest_until = now

    def is_due(self, now: datetime) -> bool:
        """Whether to recompute in the periodic task: there is no backlog, or the pause is over."""
        is_pausing = not _is_over(self._pause_until - now)
        return self.is_rested(now) and not (is_pausing and self.has_backlog(now))

    def has_backlog(self, now: datetime) -> bool:
        return self._large_batches > 0 or not _is_over(self._backlog_until - now)

    def take_end_of_backlog(self, now: datetime) -> bool:
        """Whether a backlog is over, once for each. If so, it also ends the rest of the worker."""
        is_quiet = self._large_batches == 0 and _is_over(self._backlog_until + QUIET_PERIOD - now)
        if not (self._had_backlog and is_quiet):
            return False
        self._had_backlog = False
        self._rest_until = now
        return True

    def is_rested(self, now: datetime) -> bool:
        """Whether to recompute after a small batch: the last round was small, or is long over."""
        return _is_over(self._rest_until - now)

    @contextmanager
    def track_batch(self, articles: int, clock: Clock) -> Iterator[None]:
        """While a large batch is in hand, and for a while after it, the worker has a backlog."""
        is_large = articles > SMALL_BATCH
        self._large_batches += is_large
        try:
            yield
            self._new_articles += articles
        finally:
            self._large_batches -= is_large
            if is_large:
                self._backlog_until = clock() + BACKLOG_PERIOD
                self._had_backlog = True

    def record_new_statistics(self) -> None:
        """All articles have to be looked at with them once: to the next round they are new."""
        self._new_articles = ALL_ARTICLES

    def take_new_articles(self) -> int:
        """How many articles the round that begins now looks at for the first time."""
        new_articles, self._new_articles = self._new_articles, 0
        return new_articles

    def record_round(
        self, started: datetime, ended: datetime, articles: int, new_articles: int
    ) -> None:
        """Take note of a round around so many *articles*; a worker pauses or rests after it."""
        duration = ended - started
        repeated = max(0, articles - new_articles)
        share = repeated / articles if articles else 0.0
        self._pause_until = ended + min(PAUSE_FACTOR * share * duration, MAX_PAUSE)
        if repeated >= LARGE_ROUND:
            self._rest_until = ended + min(REST_FACTOR * duration, MAX_PAUSE)


def _is_over(remaining: timedelta) -> bool:
    """Whether nothing remains of a pause, or the clock has gone back."""
    return remaining <= timedelta(0) or remaining > MAX_PAUSE
