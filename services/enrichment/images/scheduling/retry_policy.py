"""How long we try for, and how long an outcome stands. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shared.store import Page, Picture

LONGEST_MEMORY: Final = timedelta(hours=24)


@dataclass(frozen=True)
class Patience:
    """How long an attempt may take, and when the next one is made. Seconds.

    *remember*: how long a first failure for good stands; doubled with every further one, up to a day. *refresh*: the
    age from which on a kept picture, or a page, that is wanted anew is asked for again.
    """

    first: float = 3
    long: float = 30
    retry: float = 60
    attempts: int = 8
    remember: timedelta = timedelta(hours=1)
    refresh: timedelta = timedelta(hours=24)

    def seconds(self, attempts: int) -> float:
        """For the next attempt, after so many."""
        return self.long if attempts else self.first

    def lets_stand(self, outcome: Picture | Page | None, at: datetime) -> bool:
        """Whether that outcome needs no attempt: kept, or failed for good, not long before *at*."""
        if outcome is None:
            return False
        memory = self.refresh
        if isinstance(outcome, Picture) and outcome.state == "failed":
            memory = self._memory(outcome.failures)
        return at - outcome.checked_at < memory

    def _memory(self, failures: int) -> timedelta:
        doubled: timedelta = self.remember * 2 ** min(max(failures - 1, 0), 10)
        return min(doubled, LONGEST_MEMORY)
