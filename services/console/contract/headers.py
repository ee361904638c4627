"""The headers of public events, as schemas: CloudEvents 1.0 in Kafka's binary mode."""

from typing import Any, Final

from services.console.contract.channels import RECORD_REJECTED, TOMBSTONES
from shared.events.cloud_event import JSON, build_event_type, build_schema_uri

Schema = dict[str, Any]

_IDS: Final = {
    "article": "`<article id>.<revision>`, in both topics: one id is one content.",
    "story": "`<story id>.<version>`, in both topics: one id is one content.",
    "seed": "`receipt.` and the id of the dropped record.",
    "record": "`rejected.` and the id of the rejected record.",
}
_TOMBSTONE_IDS: Final = {
    "article": "`<article id>.<revision>.tombstone`: of the revision that retracted it.",
    "story": "`<story id>.<version>.tombstone`: of the version in which it ended.",
}
_REJECTED: Final = {
    "seedwire-record": "The id of the rejected record: `<cluster>/<topic>/<partition>/<offset>`.",
    "seedwire-service": "Who rejected it.",
    "seedwire-causes": "Why: JSON, a list of objects with field, line and message.",
}


def build_header_schema(kind: str) -> Schema:
    """The headers of one kind of event. Others may come along: readers ignore them."""
    noun = kind.partition(".")[0]
    is_tombstone = kind in TOMBSTONES
    fields: dict[str, Schema] = {
        "ce_specversion": {"const": "1.0"},
        "ce_id": _text((_TOMBSTONE_IDS if is_tombstone else _IDS)[noun]),
        "ce_source": _text("Which installation it is of: an absolute URI.", format="uri"),
        "ce_type": {"const": build_event_type(kind)},
        "ce_subject": _text(
            "What it is about: the key, as text; for seeds, topic/partition/offset."
        ),
        "ce_time": _text("When it happened, in UTC.", format="date-time"),
    }
    required = ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_subject"]
    if kind == RECORD_REJECTED:
        fields |= {name: _text(description) for name, description in _REJECTED.items()}
        fields["content-type"] = _text("Of the bytes of the record.")
        required += ["content-type", *_REJECTED]
    else:
        required.append("ce_time")
    if kind != RECORD_REJECTED and not is_tombstone:
        fields["content-type"] = {"const": JSON}
        fields["ce_dataschema"] = {"const": build_schema_uri(kind)}
        required += ["content-type", "ce_dataschema"]
    fields["traceparent"] = _text("W3C trace context: of the seed that caused it.")
    fields["tracestate"] = _text("W3C trace context, if the seed had one.")
    return {"type": "object", "required": required, "properties": fields}


def _text(description: str, **keywords: str) -> Schema:
    return {"type": "string", **keywords, "description": description}
