"""Dirty marks: articles whose neighbourhood changed, so that what depends on it must be recomputed.

A mark stays until the recomputation is done. Workers claim marks under a lease, so a crash only
delays the work.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True)
class DirtyMark:
    """An article whose neighbourhood changed, claimed by one worker; `mark` names that change."""

    article_id: str
    mark: str


class Neighbourhoods(Protocol):
    """Only enrichment/related and the editors' commands write here."""

    async def mark_dirty(self, ids: Collection[str], now: datetime) -> None:
        """Mark these articles. Claims on marks that they have already lapse."""

    async def mark_and_claim(
        self, ids: Collection[str], now: datetime, lease: timedelta
    ) -> list[DirtyMark]:
        """Mark those of these articles that have no mark yet; returns these marks alone.

        The caller has claimed them until the lease ends.
        """

    async def claim_dirty(self, now: datetime, lease: timedelta, limit: int) -> list[DirtyMark]:
        """Claim up to *limit* marks, the oldest first, for this caller until the lease ends."""

    async def clear_dirty(self, marks: Sequence[DirtyMark]) -> None:
        """Remove these marks, unless the article was marked again since. May be repeated."""

    async def get_dirty_since(self) -> datetime | None:
        """When the oldest mark was set; None if there is none."""

    async def count_claimed(self, now: datetime) -> int:
        """How many marks are claimed, by any worker, under a lease that has not ended."""

    async def count_dirty(self) -> int:
        """How many marks there are, claimed or not."""
