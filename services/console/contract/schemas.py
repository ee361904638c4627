"""JSON Schemas (2020-12) of the data of every public event, from their models.

The schemas are for readers: objects are open, because a later version may add fields. What Seedwire
itself sends has no other fields than these.
"""

from collections.abc import Mapping
from typing import Any, Final

from shared.events.cloud_event import build_event_type, build_schema_uri
from shared.events.public.block import PublicBlock
from shared.events.public.registry import PUBLIC_EVENTS

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]


def build_schemas() -> dict[str, Schema]:
    """The schema of each kind of event that has data in JSON."""
    return {kind: build_schema(kind, model) for kind, model in PUBLIC_EVENTS.items()}


def build_schema(kind: str, model: type[PublicBlock]) -> Schema:
    generated = model.model_json_schema(by_alias=True, mode="serialization")
    body = _simplify(generated)
    body.pop("title", None)
    definitions = body.pop("$defs", {})
    schema: Schema = {
        "$schema": DIALECT,
        "$id": build_schema_uri(kind),
        "title": build_event_type(kind),
        **body,
    }
    if definitions:
        schema["$defs"] = definitions
    return schema


def close(schema: Any) -> Any:
    """The schema of what Seedwire itself sends: no field that is not named in it."""
    if isinstance(schema, list):
        return [close(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    closed = {name: close(value) for name, value in schema.items()}
    if isinstance(closed.get("properties"), dict) and closed.get("type") == "object":
        closed.setdefault("additionalProperties", False)
    return closed


def _simplify(node: Any) -> Any:
    """Without what pydantic says of its own: titles of fields, closed objects, null for absent."""
    if not isinstance(node, dict):
        return node
    simple = {name: _simplify_part(name, value) for name, value in node.items()}
    if simple.get("additionalProperties") is False:
        del simple["additionalProperties"]
    return simple


def _simplify_part(name: str, value: Any) -> Any:
    match name, value:
        case "properties", dict():
            return {field: _simplify_field(schema) for field, schema in value.items()}
        case "$defs", dict():
            return {name: _simplify(schema) for name, schema in value.items()}
        case "anyOf", list():
            return [_simplify(choice) for choice in value]
        case "items", dict():
            return _simplify(value)
        case "description", str():
            return " ".join(value.split())
        case _:
            return value


def _simplify_field(schema: Schema) -> Schema:
    simple: Schema = _simplify(schema)
    simple.pop("title", None)
    if "default" in simple and simple["default"] is None:
        del simple["default"]
        simple = _without_null(simple)
    return simple


def _without_null(schema: Schema) -> Schema:
    """An optional field is absent, never null."""
    choices = schema.get("anyOf")
    if choices is None:
        return schema
    kept = [choice for choice in choices if choice != {"type": "null"}]
    rest = {name: value for name, value in schema.items() if name != "anyOf"}
    return {**kept[0], **rest} if len(kept) == 1 else {"anyOf": kept, **rest}
