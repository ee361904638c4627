"""An article as a seed file, written as people write them: deterministic, in the order of the seed format.

Prose and addresses stand in double quotes, short labels without where that is safe, dates always without: in unknown
fields, text that looks like a date is written as a date, since that is how seeds write dates.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel

from shared.article.model import Article, Image, Provider, Relative

_BLOCKS = frozenset(
    {"featuredContent", "provider", "topics", "images", "related"}
)  # each after a blank line
_LABELS = frozenset({"category", "type", "name", "domain", "topics"})
_KNOWN = frozenset(
    info.alias or name
    for model in (Article, Provider, Image, Relative)
    for name, info in model.model_fields.items()
)

_LABEL = re.compile(r"[A-Za-z](?:[A-Za-z0-9 .&'/()+_-]*[A-Za-z0-9.'/()+_-])?")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_RESERVED = frozenset(
    {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
)  # not text in YAML 1.1 or 1.2
_DATE = re.compile(
    r"\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)?)?", re.ASCII
)
_UNPRINTABLE = re.compile(
    "[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]"
)  # beyond what JSON escapes itself


def render(article: Article) -> bytes:
    """The seed file of *article*: `parse(render(article)) == article`, and equal articles give equal bytes."""
    fields = _given(article)
    body, secured = (
        fields.pop("body", ""),
        {"secured": fields.pop("secured")} if "secured" in fields else {},
    )
    unknown = {name: fields.pop(name) for name in list(fields) if name not in _KNOWN}
    head = {name: value for name, value in fields.items() if name not in _BLOCKS}
    blocks = [{name: value} for name, value in fields.items() if name in _BLOCKS]
    sections = [_mapping(section, "") for section in (head, *blocks, unknown, secured) if section]
    front = "\n\n".join("\n".join(lines) for lines in sections)
    return f"---\n{front}\n---\n{body}".encode()


def _given(block: BaseModel) -> dict[str, Any]:
    """What was given, by outside names: known fields as declared, then unknown ones."""
    extra = block.model_extra or {}
    known = {
        info.alias or name: getattr(block, name)
        for name, info in type(block).model_fields.items()
        if name in block.model_fields_set
        and not (name in extra and getattr(block, name) == info.default)
    }
    return known | extra


def _mapping(fields: Mapping[str, Any], indent: str) -> list[str]:
    return [line for name, value in fields.items() for line in _field(name, value, indent)]


def _field(name: str, value: Any, indent: str) -> Iterator[str]:
    head = f"{indent}{name if _is_bare(_NAME, name) else _quoted(name)}:"
    lines = _nested(name, value, indent + "  ")
    if lines:
        yield head
        yield from lines
    else:
        yield f"{head} {_scalar(name, value)}"


def _nested(name: str, value: Any, indent: str) -> list[str]:
    """The lines of a list or block that is not empty; for anything else none."""
    match value:
        case BaseModel():
            return _mapping(_given(value), indent)
        case Mapping():
            return _mapping(value, indent)
        case list():
            return _sequence(name, value, indent)
        case _:
            return []


def _sequence(name: str, items: Sequence[Any], indent: str) -> list[str]:
    lines = []
    for item in items:
        inner = _nested(name, item, indent + "  ") or [f"{indent}  {_scalar(name, item)}"]
        lines += [f"{indent}- {inner[0][len(indent) + 2 :]}", *inner[1:]]
    return lines


def _scalar(name: str, value: Any) -> str:
    match value:
        case str():
            return _text(name, value)
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case float():
            return _float(value)
        case BaseModel():
            return "{}"
        case _:
            return json.dumps(
                value
            )  # null, true, a whole number, [] and {} are the same in both languages


def _text(name: str, value: str) -> str:
    is_label = name in _LABELS and _is_bare(_LABEL, value)
    is_date = name not in _KNOWN and _DATE.fullmatch(value)
    return value if is_label or is_date else _quoted(value)


def _is_bare(pattern: re.Pattern[str], text: str) -> bool:
    return bool(pattern.fullmatch(text)) and text.lower() not in _RESERVED


def _quoted(text: str) -> str:
    return _UNPRINTABLE.sub(
        lambda char: f"\\u{ord(char[0]):04x}", json.dumps(text, ensure_ascii=False)
    )


def _float(value: float) -> str:
    digits = repr(value)
    return (
        digits.replace("e", ".0e") if "e" in digits and "." not in digits else digits
    )  # 1e+20 is text in YAML 1.1
