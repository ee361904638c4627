"""Rejected records: the original bytes, where they came from and why they were refused."""

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
class Rejected:
    """A refused record. The id is that of the record (cluster, topic, partition, offset), so a repeat is the same."""

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


class RejectedRecords(Protocol):
    """Written by every service's edge, and by `seedwire rejected redrive`."""

    async def save(self, records: Sequence[Rejected]) -> None:
        """Keep these; one that is there already stays as it is."""

    async def page(self, after: str = "", limit: int = 500) -> list[Rejected]:
        """Rejected records in the order of their ids."""

    async def get(self, record_id: str) -> Rejected | None: ...

    async def redriven(self, record_id: str, at: datetime) -> None:
        """It was sent again: counts the attempt."""

    async def count(self) -> int:
        """Rejected and not yet redriven."""
