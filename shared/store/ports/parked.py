"""Parked work: put aside until a time, durably, and claimed by one worker at a time."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True)
class Parked:
    """One piece of work for later: fetch *url* for *article_id*. Its identity is (article, url)."""

    article_id: str
    url: str
    due: datetime
    attempts: int  # made so far
    reason: str
    claim: str = ""  # set while a worker holds it


class ParkedWork(Protocol):
    """Written by enrichment/images."""

    async def park(self, work: Sequence[Parked]) -> None:
        """Put work aside; what is parked already gets the new due time, attempts and reason, and loses its claim."""

    async def claim(self, now: datetime, lease: timedelta, limit: int) -> list[Parked]:
        """Take up to *limit* pieces whose time has come, each for this caller alone until the lease ends.

        A worker that dies leaves its pieces to others after *lease*. Two callers never hold one piece at once.
        """

    async def done(self, work: Sequence[Parked]) -> None:
        """Forget these pieces, unless someone else has claimed or parked them anew since. May be repeated."""

    async def on(self, urls: Collection[str]) -> list[Parked]:
        """Every piece that waits for one of *urls*, whoever it is for and whoever holds it, by article and URL."""

    async def page(self, limit: int = 100) -> list[Parked]:
        """What is parked, soonest due first."""

    async def count(self) -> int: ...
