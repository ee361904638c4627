"""Rejected records: what the store keeps of them, and the event that announces them.

The store keeps every record whole. The event carries it whole if it fits, else a cut of each part,
and headers with the length and the SHA-256 of what was cut.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import orjson

from shared.broker.records import Event, Headers, Record, measure_header, measure_record
from shared.budgets import (
    MAX_REJECTED_HEADER_NAME_CHARACTERS,
    MAX_REJECTED_HEADERS_BYTES,
    MAX_REJECTED_KEY_BYTES,
    MAX_REJECTED_RECORD_BYTES,
    MAX_REJECTED_VALUE_BYTES,
    cut_bytes,
    cut_text,
)
from shared.errors import UnprocessableRecord
from shared.events.causes import describe_causes, fit_causes
from shared.events.topics import REJECTED
from shared.store import Store
from shared.store.ports.rejected import Cause, RedriveOrigin, RejectedRecord

RECORD_HEADER: Final = "seedwire-record"
"""Header of an event in `seeds.rejected`, and of a redriven record: the id of the rejected record,
`<cluster>/<topic>/<partition>/<offset>`."""

ATTEMPT_HEADER: Final = "seedwire-attempt"
"""Header of a redriven record: the number of the attempt, in decimal digits."""

ORIGIN_HEADERS: Final = (RECORD_HEADER, "seedwire-service", "seedwire-causes")
"""The last headers of an event in `seeds.rejected`, after those of the rejected record."""

UNDELIVERED: Final = "undelivered"
"""How the ids of events begin that Kafka refused: `undelivered/<topic>/<event id>`."""

_NO_PLACE: Final = -1
_MAX_ATTEMPT_DIGITS: Final = 4
_NULL_LENGTH: Final = 2**32 - 1


@dataclass(frozen=True)
class FittedRecord:
    """The parts of a rejected record as its event carries them."""

    key: bytes | None
    value: bytes | None
    headers: Headers


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
        origin=read_origin(record),
    )
    return rejected, build_rejection_event(rejected)


def build_rejection_event(rejected: RejectedRecord) -> Event:
    """The event that announces a rejected record; a repeat has the same bytes."""
    fitted = fit_rejected(rejected.key, rejected.value, rejected.headers)
    texts = (rejected.id.encode(), rejected.service.encode(), _encode_causes(rejected.causes))
    origin: Headers = tuple(zip(ORIGIN_HEADERS, texts, strict=True))
    value = fitted.value
    if fitted.key is None and value is None:
        value = b""  # Kafka's clients refuse a record with neither key nor value
    return Event(REJECTED, fitted.key, value, (*fitted.headers, *origin))


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
    name = event.id or _digest(event.value or b"")
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


def fit_rejected(key: bytes | None, value: bytes | None, headers: Headers) -> FittedRecord:
    """The parts themselves if they fit into an event, else a cut of each.

    The headers `seedwire-cut-…` then say how long the parts were, and what their SHA-256 was.
    """
    if measure_record(key, value, headers) <= MAX_REJECTED_RECORD_BYTES:
        return FittedRecord(key, value, headers)
    cut_headers = _cut_headers(headers)
    described = (
        *_describe_cut("key", key, MAX_REJECTED_KEY_BYTES),
        *_describe_cut("value", value, MAX_REJECTED_VALUE_BYTES),
    )
    if cut_headers != headers:
        digest = _digest(_join_headers(headers)).encode()
        described = (
            *described,
            ("seedwire-cut-headers-count", b"%d" % len(headers)),
            ("seedwire-cut-headers-sha256", digest),
        )
    return FittedRecord(
        key=None if key is None else cut_bytes(key, MAX_REJECTED_KEY_BYTES),
        value=None if value is None else cut_bytes(value, MAX_REJECTED_VALUE_BYTES),
        headers=(*cut_headers, *described),
    )


def _describe_cut(part: str, content: bytes | None, max_bytes: int) -> Headers:
    """Length and digest of a part that is cut; nothing for one that is carried whole."""
    if content is None or len(content) <= max_bytes:
        return ()
    return (
        (f"seedwire-cut-{part}-length", b"%d" % len(content)),
        (f"seedwire-cut-{part}-sha256", _digest(content).encode()),
    )


def _cut_headers(headers: Headers) -> Headers:
    """The first headers, as far as the budget reaches; the value of the last one may be cut."""
    cut: list[tuple[str, bytes | None]] = []
    room = MAX_REJECTED_HEADERS_BYTES
    for name, value in headers:
        short_name = cut_text(name, MAX_REJECTED_HEADER_NAME_CHARACTERS)
        room_for_value = room - measure_header(short_name, None)
        if room_for_value < 0:
            break
        cut.append((short_name, None if value is None else cut_bytes(value, room_for_value)))
        room = room_for_value - len(value or b"")
        if room <= 0:
            break
    return tuple(cut)


def _join_headers(headers: Headers) -> bytes:
    """What the digest of headers is taken of.

    For each header these are the length of its name in four bytes, big-endian, the name, the length
    of its value, and the value; the length of a null is 0xFFFFFFFF.
    """
    joined = bytearray()
    for name, value in headers:
        encoded = name.encode(errors="surrogatepass")
        joined += len(encoded).to_bytes(4, "big") + encoded
        length = _NULL_LENGTH if value is None else len(value)
        joined += length.to_bytes(4, "big") + (value or b"")
    return bytes(joined)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _encode_causes(causes: Sequence[Cause]) -> bytes:
    return orjson.dumps(describe_causes(causes))


def read_origin(record: Record) -> RedriveOrigin | None:
    """The attempt that the record says it is. Anybody may write such headers: the store checks."""
    digits = record.header(ATTEMPT_HEADER) or ""
    record_id = record.header(RECORD_HEADER)
    is_number = digits.isascii() and digits.isdecimal()
    if record_id is None or not is_number or len(digits) > _MAX_ATTEMPT_DIGITS:
        return None
    return RedriveOrigin(record_id, int(digits))
