"""How often pieces of work have failed in a row, so that nothing is tried without end."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class FailureCount:
    """A piece of work that has failed *count* times since it last succeeded.

    *subject* names the kind of work and what it is done with: `decision ARTICLE`, `decode SHA256`.
    *case_id* is the id of the rejected record that shows the first failure; empty if there is none.
    """

    subject: str
    count: int
    reason: str  # of the last failure
    last_at: datetime
    case_id: str = ""

    @property
    def page_key(self) -> str:
        return self.subject


class FailureCounts(Protocol):
    """Whoever does the work writes here."""

    async def add(
        self, subjects: Collection[str], reason: str, at: datetime, case_id: str = ""
    ) -> dict[str, int]:
        """Count one more failure of each; returns all that are counted now.

        The first *case_id* stays. A repeat counts again: the bound is then reached sooner.
        """

    async def get(self, subjects: Collection[str]) -> dict[str, FailureCount]:
        """Those of *subjects* that have failed, by subject."""

    async def remove(self, subjects: Collection[str]) -> None:
        """The work succeeded, or was given up for good. May be repeated."""

    async def list_page(self, after: str = "", limit: int = 500) -> list[FailureCount]:
        """In the order of their subjects, from the first greater than *after*."""
