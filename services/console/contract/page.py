"""A page for people, from the schemas and the AsyncAPI document alone."""

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from services.console.contract.channels import TOMBSTONES
from services.console.contract.paths import ASYNCAPI, name_example_file, name_schema_file

Schema = Mapping[str, Any]

_CODE: Final = re.compile(r"`([^`]+)`")
_DAY_MS: Final = 86_400_000

_TYPES: Final = {
    "string": "text",
    "object": "fields of any name",
    "integer": "integer",
    "number": "number",
    "boolean": "true or false",
}

_STYLE: Final = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; }
td { border-top: 1px solid #ccc; }
code { font-size: .92em; }
h2 { margin-top: 2.5rem; }
"""


def build_page(schemas: Mapping[str, Schema], asyncapi: Mapping[str, Any]) -> str:
    """HTML without scripts and without anything from elsewhere."""
    info = asyncapi["info"]
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{_say(info['title'])}: the published contract</title>",
        f"<style>{_STYLE}</style></head><body>",
        f"<h1>{_say(info['title'])}: the published contract {_say(info['version'])}</h1>",
        f"<p>{_say(info['description'])}</p>",
        f'<p>For programs: <a href="{ASYNCAPI}">AsyncAPI 3</a>, '
        "and a JSON Schema for each event.</p>",
        "<h2>Topics</h2>",
        *_list_channels(asyncapi["channels"]),
        "<h2>Headers</h2>",
        *_list_headers(asyncapi["components"]["messages"]["article.published"]["headers"]),
        *(line for kind, schema in schemas.items() for line in _describe_event(kind, schema)),
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"


def _list_channels(channels: Mapping[str, Any]) -> Iterator[str]:
    yield _open_table("topic", "what is in it", "key", "partitions", "kept", "events")
    for name, channel in channels.items():
        kafka = channel["bindings"]["kafka"]
        yield _row(
            _code(name),
            _say(channel["summary"]),
            _say(channel["x-key"]),
            str(kafka["partitions"]),
            _say(_describe_retention(kafka["topicConfiguration"])),
            " ".join(_link_event(kind) for kind in channel["messages"]),
        )
    yield "</table>"


def _describe_retention(settings: Mapping[str, Any]) -> str:
    if "compact" in settings["cleanup.policy"]:
        days = settings["delete.retention.ms"] // _DAY_MS
        return f"compacted; tombstones for {days} days"
    return f"{settings['retention.ms'] // _DAY_MS} days"


def _link_event(kind: str) -> str:
    is_described = kind.startswith(("article.", "story.", "seed.")) and kind not in TOMBSTONES
    return f'<a href="#{kind}">{kind}</a>' if is_described else _code(kind)


def _list_headers(headers: Schema) -> Iterator[str]:
    yield "<p>Of <code>article.published</code>; the others are in the AsyncAPI document.</p>"
    yield _open_table("header", "value", "")
    for name, schema in headers["properties"].items():
        presence = "" if name in headers["required"] else "may be absent"
        value = _code(schema["const"]) if "const" in schema else _say(schema["description"])
        yield _row(_code(name), value, presence)
    yield "</table>"


def _describe_event(kind: str, schema: Schema) -> Iterator[str]:
    yield f'<h2 id="{kind}">{kind}</h2>'
    yield f"<p>{_say(schema['description'])}</p>"
    yield (
        f"<p>Type <code>{_say(schema['title'])}</code>; "
        f'<a href="{name_schema_file(kind)}">schema</a>, '
        f'<a href="{name_example_file(kind)}">example</a>.</p>'
    )
    yield from _list_fields(schema)
    for name, definition in schema.get("$defs", {}).items():
        yield f"<h3>{_say(name)}</h3>"
        yield f"<p>{_say(definition['description'])}</p>"
        yield from _list_fields(definition)


def _list_fields(schema: Schema) -> Iterator[str]:
    yield _open_table("field", "type", "", "meaning")
    for name, field in schema["properties"].items():
        presence = "" if name in schema.get("required", ()) else "may be absent"
        meaning = _say(field.get("description", ""))
        yield _row(_code(name), _say(describe_type(field)), presence, meaning)
    yield "</table>"


def describe_type(field: Schema) -> str:
    """The type of a field in a few words, such as `text: article, video, or another`."""
    match field:
        case {"$ref": reference}:
            return str(reference).rpartition("/")[2]
        case {"const": value}:
            return f"always {value!s}".lower()
        case {"anyOf": [{"enum": values}, *_]}:
            return f"text: {', '.join(values)}, or another"
        case {"type": "array", "items": items}:
            return f"list of {describe_type(items)}"
        case {"type": "string", "format": "date-time"}:
            return "time"
        case _:
            return _TYPES.get(field.get("type", ""), "any JSON")


def _say(text: str) -> str:
    """Text as HTML; what stands between backticks is code."""
    return _CODE.sub(r"<code>\1</code>", html.escape(text))


def _open_table(*names: str) -> str:
    return "<table>\n" + "<tr>" + "".join(f"<th>{name}</th>" for name in names) + "</tr>"


def _row(*cells: str) -> str:
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _code(text: str) -> str:
    return f"<code>{html.escape(text)}</code>"
