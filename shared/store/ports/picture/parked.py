"""Parked work: fetches put aside until they are due, and claimed by one worker at a time."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True)
class ParkedFetch:
    """A fetch to make later: *url* for *article_id*. Its identity is (article, URL)."""

    article_id: str
    url: str
    due: datetime
    attempts: int  # made so far
    reason: str
    claim: str = ""  # a token while a worker holds the lease


class ParkedWork(Protocol):
    """enrichment/images writes here, and the console for people who do not want to wait."""

    async def park(self, work: Sequence[ParkedFetch]) -> None:
        """Put work aside.

        Work that is parked already gets the new due time, attempts and reason, and no claim.
        """

    async def claim(self, now: datetime, lease: timedelta, limit: int) -> list[ParkedFetch]:
        """Claim up to *limit* fetches that are due, each for this caller until the lease ends.

        When a worker dies, others may claim its fetches after *lease*. No two callers ever hold one
        fetch at once.
        """

    async def claim_named(
        self, work: Sequence[ParkedFetch], now: datetime, lease: timedelta
    ) -> list[ParkedFetch]:
        """Claim these fetches, due or not; returns those that nobody else has claimed."""

    async def remove(self, work: Sequence[ParkedFetch]) -> None:
        """Remove this work, unless somebody claimed or parked it again since. May be repeated."""

    async def find_by_urls(self, urls: Collection[str]) -> list[ParkedFetch]:
        """All work that waits for one of *urls*, claimed or not, by article and URL."""

    async def list_earliest(
        self, limit: int | None = 100, after: ParkedFetch | None = None
    ) -> list[ParkedFetch]:
        """The parked work that is due first, or what follows *after*; all if *limit* is None."""

    async def count(self) -> int: ...
