"""Rejected records: what the store keeps of them, and the event that announces them.

The store keeps every record whole. The event carries it whole if it fits, else a cut of each part,
and headers with the length and the SHA-256 of what was cut. The data of the event are the bytes of
the record. Its headers have `original-` before their names, so that none of them is taken for an
attribute of the event.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

import orjson

from shared.broker.records import Event, Headers, Record
from shared.errors import UnprocessableRecord
from shared.events.causes import build_faults, fit_causes
from shared.events.cloud_event import build_cloud_event, read_trace
from shared.events.rejected_parts import CUT_PREFIX, digest, fit_rejected
from shared.events.topics import REJECTED
from shared.store import Store
from shared.store.ports.operations.rejected import Cause, RedriveOrigin, RejectedRecord
from shared.trace_context import begin_trace

RECORD_HEADER: Final = "seedwire-record"
"""Header of an event in `seeds.rejected`, and of a redriven record: the id of the rejected record,
`<cluster>/<topic>/<partition>/<offset>`."""

ATTEMPT_HEADER: Final = "seedwire-attempt"
"""Header of a redriven record: the number of the attempt, in decimal digits."""

ORIGIN_HEADERS: Final = (RECORD_HEADER, "seedwire-service", "seedwire-causes")
"""Headers of an event in `seeds.rejected` that say where the record came from, and why."""

ORIGINAL_PREFIX: Final = "original-"
"""What the names of the rejected record's own headers begin with, in `seeds.rejected`."""

_BYTES: Final = "application/octet-stream"

UNDELIVERED: Final = "undelivered"
"""How the ids of events begin that Kafka refused: `undelivered/<topic>/<event id>`."""

_NO_PLACE: Final = -1
_MAX_ATTEMPT_DIGITS: Final = 4


def build_rejection(
    record: Record, service: str, causes: Sequence[Cause], at: datetime
) -> tuple[RejectedRecord, Event]:
    """The rejected *record* to keep whole, and the event that announces it.

    Both say where the record came from and why the service rejected it.
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
        causes=fit_causes(causes),
        rejected_at=at,
        recorded_at=record.timestamp,
        origin=read_origin(record),
    )
    return rejected, build_rejection_event(rejected)


def build_rejection_event(rejected: RejectedRecord) -> Event:
    """The event that announces a rejected record; a repeat has the same bytes."""
    fitted = fit_rejected(rejected.key, rejected.value, rejected.headers, ORIGINAL_PREFIX)
    record = _restore_record(rejected)
    value = fitted.value
    if fitted.key is None and value is None:
        value = b""  # Kafka's clients refuse a record with neither key nor value
    event = build_cloud_event(
        REJECTED,
        key=fitted.key,
        event_id=f"rejected.{rejected.id}",
        kind="record.rejected",
        data=value,
        time=rejected.recorded_at,
        subject=format_place(record),
        trace=read_trace(record) or begin_trace(rejected.id),
        content_type=_BYTES,
    )
    texts = (rejected.id.encode(), rejected.service.encode(), _encode_causes(rejected.causes))
    origin: Headers = tuple(zip(ORIGIN_HEADERS, texts, strict=True))
    return replace(event, headers=(*event.headers, *origin, *fitted.headers))


def select_carried(headers: Headers) -> Headers:
    """Of the headers of an event in `seeds.rejected`, those about the content of the record."""
    prefixes = (ORIGINAL_PREFIX, CUT_PREFIX)
    return tuple(header for header in headers if header[0].startswith(prefixes))


def format_place(record: Record) -> str:
    """`seeds/3/117`: the subject of an event about one record."""
    return f"{record.topic}/{record.partition}/{record.offset}"


def _restore_record(rejected: RejectedRecord) -> Record:
    """The rejected record as far as its event tells of it; what it holds is kept apart."""
    return Record(
        cluster="",
        topic=rejected.topic,
        partition=rejected.partition,
        offset=rejected.offset,
        timestamp=rejected.recorded_at or rejected.rejected_at,
        key=None,
        value=None,
        headers=rejected.headers,
    )


async def keep_rejected(records: Sequence[RejectedRecord], store: Store) -> None:
    """Save *records* whole; one that the store refuses is saved as its event carries it.

    May be repeated. Raises StoreUnavailable.
    """
    try:
        await store.rejected.save(records)
    except UnprocessableRecord as error:
        if len(records) == 1:
            await store.rejected.save([_fit_for_store(records[0], error)])
            return
        for record in records:
            await keep_rejected([record], store)


def _fit_for_store(rejected: RejectedRecord, error: UnprocessableRecord) -> RejectedRecord:
    fitted = fit_rejected(rejected.key, rejected.value, rejected.headers)
    note = Cause("", None, f"the store keeps only this cut of the record: {error}")
    return replace(
        rejected,
        key=fitted.key,
        value=fitted.value,
        headers=fitted.headers,
        causes=fit_causes([*rejected.causes, note]),
    )


def build_undelivered(event: Event, service: str, cause: Cause, at: datetime) -> RejectedRecord:
    """An event that Kafka refuses for good, to keep. It may be sent again exactly as it is."""
    name = event.id or digest(event.value or b"")
    return RejectedRecord(
        id=f"{UNDELIVERED}/{event.topic}/{name}",
        service=service,
        topic=event.topic,
        partition=_NO_PLACE,
        offset=_NO_PLACE,
        key=event.key,
        value=event.value,
        headers=event.headers,
        causes=fit_causes([cause]),
        rejected_at=at,
    )


def _encode_causes(causes: Sequence[Cause]) -> bytes:
    return orjson.dumps([fault.as_json() for fault in build_faults(causes)])


def read_origin(record: Record) -> RedriveOrigin | None:
    """The attempt that the record says it is. Anybody may write such headers: the store checks."""
    digits = record.header(ATTEMPT_HEADER) or ""
    record_id = record.header(RECORD_HEADER)
    is_number = digits.isascii() and digits.isdecimal()
    if record_id is None or not is_number or len(digits) > _MAX_ATTEMPT_DIGITS:
        return None
    return RedriveOrigin(record_id, int(digits))
