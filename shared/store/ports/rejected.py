"""Rejected records: the original bytes, where they came from and why they were rejected."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Cause:
    """One fault of a rejected record."""

    field: str
    line: int | None
    message: str


@dataclass(frozen=True)
class RejectedRecord:
    """A record that was rejected.

    Its id names its place (cluster, topic, partition, offset), so a repeat has the same id.
    """

    id: str
    service: str
    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    causes: tuple[Cause, ...]
    rejected_at: datetime
    attempts: int = 0  # how often it, or the record it was before, was redriven
    redriven_at: datetime | None = None

    @property
    def page_key(self) -> str:
        return self.id


class RejectedRecords(Protocol):
    """Every service's edge writes here, and `seedwire rejected redrive`."""

    async def save(self, records: Sequence[RejectedRecord]) -> None:
        """Keep these records; one that is there already stays as it is. May be repeated."""

    async def list_page(self, after: str = "", limit: int = 500) -> list[RejectedRecord]:
        """Rejected records in the order of their ids, from the first greater than *after*."""

    async def get(self, record_id: str) -> RejectedRecord | None: ...

    async def mark_redriven(self, record_id: str, at: datetime) -> None:
        """Record that it was sent again, and count the attempt."""

    async def count(self) -> int:
        """How many were rejected and not yet redriven."""
