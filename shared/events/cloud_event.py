"""CloudEvents 1.0 in Kafka's binary mode: the attributes are headers, the data is the value.

Event ids are deterministic, so an event that is sent twice is the same event.
"""

import hashlib
from datetime import datetime
from typing import Any

import orjson

from shared.broker.records import Acknowledgement, Event, Record
from shared.errors import UnprocessableRecord


def build_cloud_event(
    topic: str,
    *,
    key: str | bytes | None,
    event_id: str,
    kind: str,
    data: dict[str, Any] | bytes,
    time: datetime | None = None,
    on_ack: Acknowledgement | None = None,
) -> Event:
    """An event of type *kind* about *key*. Attributes without a value get no header."""
    raw_key = key.encode() if isinstance(key, str) else key
    value = data if isinstance(data, bytes) else orjson.dumps(data)
    attributes = {
        "ce_specversion": "1.0",
        "ce_id": event_id,
        "ce_source": "/seedwire",
        "ce_type": kind,
        "ce_subject": (raw_key or b"").decode(errors="replace"),
        "ce_time": _format_time(time),
        "content-type": "application/json",
        "traceparent": _build_traceparent(raw_key or b"", event_id),
    }
    headers = tuple((name, text.encode()) for name, text in attributes.items() if text)
    return Event(topic, raw_key, value, headers, on_ack)


def read_field(record: Record, name: str) -> str:
    """The field *name* of an event's JSON data. Raises UnprocessableRecord if there is none."""
    try:
        return str(orjson.loads(record.value or b"")[name])
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise UnprocessableRecord(
            f"{record.id} is not one of Seedwire's events: expected JSON with {name}"
        ) from error


def _format_time(time: datetime | None) -> str:
    return time.isoformat().replace("+00:00", "Z") if time else ""


def _build_traceparent(subject: bytes, event_id: str) -> str:
    """W3C trace context: one trace per article, one span per event; a repeat has the same."""
    trace = hashlib.sha256(subject).hexdigest()[:32]
    span = hashlib.sha256(event_id.encode()).hexdigest()[:16]
    return f"00-{trace}-{span}-01"
