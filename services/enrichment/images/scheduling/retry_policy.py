"""How long an attempt may take, how often it is repeated, and how long an outcome stands. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shared.store import Picture, WebPage

MAX_FAILURE_TTL: Final = timedelta(hours=24)


@dataclass(frozen=True)
class RetryPolicy:
    first_seconds: float = 3
    """Timeout of the first attempt: a slow host is parked and holds up nothing."""
    long_seconds: float = 30
    """Timeout of every further attempt."""
    retry_seconds: float = 60
    """Base of the backoff."""
    max_attempts: int = 8
    failure_ttl: timedelta = timedelta(hours=1)
    """How long a first failure stands; doubled with every further one in a row, up to a day."""
    refresh_after: timedelta = timedelta(hours=24)
    """The age from which a cached picture, or a page, is requested again if it is wanted again."""

    def timeout_seconds(self, attempts: int) -> float:
        """Of the next attempt, after *attempts*."""
        return self.long_seconds if attempts else self.first_seconds

    def is_current(self, outcome: Picture | WebPage | None, at: datetime) -> bool:
        """Whether the outcome needs no attempt at that time."""
        if outcome is None:
            return False
        ttl = self.refresh_after
        if isinstance(outcome, Picture) and outcome.state == "failed":
            ttl = self._failure_ttl(outcome.failures)
        return at - outcome.checked_at < ttl

    def _failure_ttl(self, failures: int) -> timedelta:
        doublings = min(max(failures - 1, 0), 10)
        ttl: timedelta = self.failure_ttl * 2**doublings
        return min(ttl, MAX_FAILURE_TTL)
