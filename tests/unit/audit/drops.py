"""Drops, their events as records, and what a check finds, for tests of the audit."""

from collections.abc import Iterable
from datetime import UTC, datetime

from services.console.audit.breaches import Breach, Promise
from shared.broker.records import Event, Headers, Record
from shared.events.topics import SEEDS
from shared.store import Cause

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
CAUSE = Cause("title", 2, "Expected a title.")


def drop(
    offset: int = 0,
    key: bytes | None = b"k",
    value: bytes | None = b"seed",
    headers: Headers = (),
) -> Record:
    return Record("c", SEEDS, 0, offset, NOW, key, value, headers)


def as_record(event: Event, offset: int = 0) -> Record:
    return Record("c", event.topic, 0, offset, NOW, event.key, event.value, event.headers)


def promises(breaches: Iterable[Breach]) -> list[Promise]:
    return [breach.promise for breach in breaches]
