"""Rejected records: what the store keeps of them, and the event that announces them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import orjson

from shared.broker.records import Event, Headers, Record
from shared.events.topics import REJECTED
from shared.store.ports.rejected import Cause, RejectedRecord

ATTEMPT_HEADER: Final = "seedwire-attempt"
"""Header of a redriven record: how often it was rejected before, in decimal digits."""

_MAX_ATTEMPT_DIGITS: Final = 4


def build_rejection(
    record: Record, service: str, causes: Sequence[Cause], at: datetime
) -> tuple[RejectedRecord, Event]:
    """The rejected *record* to keep, and the event that announces it.

    Both carry the original bytes, key and headers, and say where the record came from and why the
    service rejected it.
    """
    rejected = RejectedRecord(
        id=record.id,
        service=service,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        key=record.key,
        value=record.value,
        headers=record.headers,
        causes=tuple(causes),
        rejected_at=at,
        attempts=_read_attempts(record),
    )
    return rejected, _build_event(record, service, causes)


def _build_event(record: Record, service: str, causes: Sequence[Cause]) -> Event:
    errors = [{"field": c.field, "line": c.line, "message": c.message} for c in causes]
    origin: Headers = (
        ("seedwire-record", record.id.encode()),
        ("seedwire-service", service.encode()),
        ("seedwire-causes", orjson.dumps(errors)),
    )
    value = record.value
    if record.key is None and value is None:
        value = b""  # Kafka's clients refuse a record with neither key nor value
    return Event(REJECTED, record.key, value, (*record.headers, *origin))


def _read_attempts(record: Record) -> int:
    digits = record.header(ATTEMPT_HEADER) or ""
    is_number = digits.isascii() and digits.isdecimal()
    if not is_number or len(digits) > _MAX_ATTEMPT_DIGITS:
        return 0
    return int(digits)
