"""Writes an article as a seed file the way people write them, in the order of the seed format.

Prose and URLs are double-quoted; short labels are bare where that is safe. Dates are always bare:
text in unknown fields that looks like a date is written as a date, since seeds write dates that
way.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any

from pydantic import BaseModel

from shared.article.model import Article, Image, Provider, RelatedEntry

# Fields that each stand in a section of their own, after a blank line.
_SECTIONS = frozenset({"featuredContent", "provider", "topics", "images", "related"})
_LABELS = frozenset({"category", "type", "name", "domain", "topics"})
_KNOWN = frozenset(
    info.alias or name
    for model in (Article, Provider, Image, RelatedEntry)
    for name, info in model.model_fields.items()
)

_RELATED_SECTION = re.compile(rb"\n\nrelated:(?:\n [^\n]*)+(?=\n\n(?! )|\n---\n)")
_LABEL = re.compile(r"[A-Za-z](?:[A-Za-z0-9 .&'/()+_-]*[A-Za-z0-9.'/()+_-])?")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
# Words that YAML 1.1 or 1.2 does not read as text.
_RESERVED = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_DATE = re.compile(
    r"\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)?)?", re.ASCII
)
_JSON = json.JSONEncoder(ensure_ascii=False)
# Characters to escape beyond those that JSON escapes itself.
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def render_seed(article: Article) -> bytes:
    """The seed file of *article*; equal articles give equal bytes.

    `parse_seed(render_seed(article)) == article`.
    """
    fields = _given_fields(article)
    body = fields.pop("body", "")
    sections = []
    for section in _split_sections(fields):
        sections.append("\n".join(_render_block(section, "")))
    front_matter = "\n\n".join(sections)
    return f"---\n{front_matter}\n---\n{body}".encode()


def omit_related(rendered: bytes) -> bytes:
    """What `render_seed` has written, without the section `related`.

    In front matter there are blank lines between sections, and nowhere else. What looks different,
    since somebody has changed it in the store, is left as it is.
    """
    end = rendered.find(b"\n---")
    section = _RELATED_SECTION.search(rendered, 0, end + len(b"\n---\n"))
    return rendered[: section.start()] + rendered[section.end() :] if section else rendered


def _given_fields(block: BaseModel) -> dict[str, Any]:
    """What was given, by outside names: known fields as declared, then unknown ones.

    Pydantic counts unknown fields as set, too. Where an unknown field has the inside name of a
    known one (`web_url`), the known field was given only if its value differs from the default. A
    known field that is None says nothing and is left out.
    """
    unknown = block.model_extra or {}
    names = block.model_fields_set
    given = {}
    for name, outside_name, default in _list_fields(type(block)):
        value = getattr(block, name) if name in names else None
        if value is None or (name in unknown and value == default):
            continue
        given[outside_name] = value
    return given | unknown


@cache
def _list_fields(model: type[BaseModel]) -> Sequence[tuple[str, str, Any]]:
    """The known fields: name, outside name and default."""
    fields = model.model_fields.items()
    return [(name, info.alias or name, info.default) for name, info in fields]


def _split_sections(fields: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The head, a section for each larger block, the unknown fields, and `secured` at the end."""
    head: dict[str, Any] = {}
    blocks: list[dict[str, Any]] = []
    unknown: dict[str, Any] = {}
    secured: dict[str, Any] = {}
    for name, value in fields.items():
        if name == "secured":
            secured[name] = value
        elif name not in _KNOWN:
            unknown[name] = value
        elif name in _SECTIONS:
            blocks.append({name: value})
        else:
            head[name] = value
    return [section for section in (head, *blocks, unknown, secured) if section]


def _render_block(fields: Mapping[str, Any], indent: str) -> list[str]:
    lines: list[str] = []
    for name, value in fields.items():
        lines += _render_field(name, value, indent)
    return lines


def _render_field(name: str, value: Any, indent: str) -> list[str]:
    lines = _render_collection(name, value, indent + "  ")
    if lines:
        return [f"{indent}{_render_name(name)}:", *lines]
    return [f"{indent}{_render_name(name)}: {_render_scalar(name, value)}"]


@lru_cache(1_000)
def _render_name(name: str) -> str:
    return name if _is_safe_bare(_NAME, name) else _quote(name)


def _render_collection(name: str, value: Any, indent: str) -> list[str]:
    """The lines of a list or block that is not empty; no lines for anything else."""
    match value:
        case str():  # asked first: most values are text
            return []
        case BaseModel():
            return _render_block(_given_fields(value), indent)
        case Mapping():
            return _render_block(value, indent)
        case list():
            return _render_list(name, value, indent)
        case _:
            return []


def _render_list(name: str, items: Sequence[Any], indent: str) -> list[str]:
    lines = []
    for item in items:
        inner = _render_collection(name, item, indent + "  ")
        if not inner:
            inner = [f"{indent}  {_render_scalar(name, item)}"]
        first = inner[0].removeprefix(f"{indent}  ")
        lines += [f"{indent}- {first}", *inner[1:]]
    return lines


def _render_scalar(name: str, value: Any) -> str:
    match value:
        case str():
            return _render_text(name, value)
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return _render_float(value)
        case BaseModel():
            return "{}"
        case _:  # null, [] and {} are the same in JSON and YAML
            return json.dumps(value)


def _render_text(name: str, value: str) -> str:
    is_label = name in _LABELS and _is_safe_bare(_LABEL, value)
    is_date = name not in _KNOWN and _DATE.fullmatch(value)
    return value if is_label or is_date else _quote(value)


def _is_safe_bare(pattern: re.Pattern[str], text: str) -> bool:
    return bool(pattern.fullmatch(text)) and text.lower() not in _RESERVED


def _quote(text: str) -> str:
    quoted = _JSON.encode(text)
    if quoted.isprintable():
        return quoted
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", quoted)


def _render_float(value: float) -> str:
    digits = repr(value)
    if "e" in digits and "." not in digits:
        return digits.replace("e", ".0e")  # YAML 1.1 reads 1e+20 as text
    return digits
