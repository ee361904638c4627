"""CloudEvents 1.0 in Kafka's binary mode: the attributes are headers, the data is the value.

Event ids are deterministic, so an event that is sent twice is the same event, byte for byte. The
attribute `source` is missing here: it names the installation, and whoever sends an event adds it
(`build_source_headers`).

Why the attributes are as they are: docs/decisions/0039-events-as-cloudevents.md.
"""

from datetime import datetime
from typing import Any, Final

import orjson

from shared.broker.records import Acknowledgement, Event, Headers, Record
from shared.errors import UnprocessableRecord
from shared.trace_context import (
    TRACEPARENT,
    TRACESTATE,
    TraceContext,
    begin_trace,
    parse_trace_context,
)

JSON: Final = "application/json"
SOURCE_HEADER: Final = "ce_source"

_TYPE_PREFIX: Final = "io.seedwire."
_TYPE_SUFFIX: Final = ".v1"
_SCHEMAS: Final = "https://seedwire.io/schemas/"


def build_cloud_event(
    topic: str,
    *,
    key: str | bytes | None,
    event_id: str,
    kind: str,
    data: dict[str, Any] | bytes | None,
    time: datetime | None = None,
    subject: str | None = None,
    trace: TraceContext | None = None,
    content_type: str = JSON,
    phase: int = 0,
    on_ack: Acknowledgement | None = None,
) -> Event:
    """An event of this *kind* about *subject*, which is the *key* unless it is given.

    *time* is one that is stored, for a repeat has the same; our internal events have none. An event
    without data is a tombstone. Only JSON has a schema.
    """
    raw_key = key.encode() if isinstance(key, str) else key
    value = orjson.dumps(data) if isinstance(data, dict) else data
    attributes = {
        "ce_specversion": "1.0",
        "ce_id": event_id,
        "ce_type": build_event_type(kind),
        "ce_subject": (raw_key or b"").decode(errors="replace") if subject is None else subject,
        "ce_time": _format_time(time),
    }
    if value is not None:
        attributes["content-type"] = content_type
        attributes["ce_dataschema"] = build_schema_uri(kind) if content_type == JSON else ""
    if trace is not None:
        attributes |= {TRACEPARENT: trace.traceparent, TRACESTATE: trace.tracestate}
    headers = tuple((name, text.encode()) for name, text in attributes.items() if text)
    return Event(topic, raw_key, value, headers, on_ack, phase)


def build_event_type(kind: str) -> str:
    """`article.published` as other teams see it: `io.seedwire.article.published.v1`.

    The number goes up with a change that old consumers do not understand.
    """
    return f"{_TYPE_PREFIX}{kind}{_TYPE_SUFFIX}"


def build_schema_uri(kind: str) -> str:
    """The name of the schema of the data, which is also its `$id`."""
    return f"{_SCHEMAS}{kind}{_TYPE_SUFFIX}.json"


def build_source_headers(source: str) -> Headers:
    """What every event of one installation has, and those of another have otherwise."""
    return ((SOURCE_HEADER, source.encode()),)


def read_kind(record: Record | Event) -> str:
    """The kind of one of our events; empty for any other record."""
    return parse_kind(record.header("ce_type") or "")


def parse_kind(event_type: str) -> str:
    """The kind that `build_event_type` made the type of; empty if it is not ours."""
    if not event_type.startswith(_TYPE_PREFIX) or not event_type.endswith(_TYPE_SUFFIX):
        return ""
    return event_type.removeprefix(_TYPE_PREFIX).removesuffix(_TYPE_SUFFIX)


def read_trace(record: Record) -> TraceContext | None:
    """The trace that the record names; None if it names none, or a malformed one."""
    return parse_trace_context(record.header(TRACEPARENT) or "", record.header(TRACESTATE) or "")


def find_trace(record: Record) -> TraceContext:
    """The trace that a drop names, or else the one that begins with it."""
    return read_trace(record) or begin_trace(record.id)


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
