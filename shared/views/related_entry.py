"""An entry of `related`, cut so that an event with ten of them fits. Pure.

A long title or excerpt is cut. If that does not suffice, the entry loses whole parts, one after the
other: all images but the first, then the provider, and so on.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from shared.budgets import (
    MAX_RELATED,
    MAX_RELATED_BYTES,
    MAX_RELATED_EXCERPT_CHARACTERS,
    MAX_RELATED_TITLE_CHARACTERS,
    cut_text,
)

_MAX_CHARACTERS: Final = {
    "title": MAX_RELATED_TITLE_CHARACTERS,
    "excerpt": MAX_RELATED_EXCERPT_CHARACTERS,
}

# What an entry can do without, the most dispensable first. A title is never left out.
_DISPENSABLE: Final = ("provider", "cdnAmpWebUrl", "ampWebUrl", "images", "excerpt", "webUrl")

# In an event `originalUrl` may go too: `url` is always there. The list of images stays, empty.
_DISPENSABLE_IN_EVENTS: Final = (
    "provider", "cdnAmpWebUrl", "ampWebUrl", "images", "excerpt", "originalUrl", "webUrl",
)  # fmt: skip

_MAX_CHARACTER_BYTES: Final = 6  # \u0000
_INDENT: Final = 3  # of a level in a seed file
_LIST_BYTES: Final = 200  # what the list around an entry may add to it


def fit_related_entry(fields: Mapping[str, Any], entries: int = MAX_RELATED) -> dict[str, Any]:
    """*fields* of one of at most *entries* entries of a seed, as JSON values, fitted."""
    max_bytes = _share_room(entries)
    entry = _cut_texts(fields)
    for smaller in _list_smaller(entry, _DISPENSABLE):
        if _fits(smaller, max_bytes):
            return smaller
    return {"title": cut_text(entry["title"], (max_bytes - 100) // _MAX_CHARACTER_BYTES)}


def fit_public_entry(
    fields: Mapping[str, Any], entries: int = MAX_RELATED
) -> dict[str, Any] | None:
    """*fields* of one of at most *entries* entries of an event, as JSON values, fitted.

    None if its URL leaves no room for anything else: a URL is never cut.
    """
    max_bytes = _share_room(entries)
    entry = _cut_texts(fields)
    for smaller in _list_smaller(entry, _DISPENSABLE_IN_EVENTS):
        fitted = _order({"images": [], **smaller}, fields)
        if _fits(fitted, max_bytes):
            return fitted
    max_characters = (max_bytes - _measure({**fitted, "title": ""})) // _MAX_CHARACTER_BYTES
    if max_characters < 1:
        return None
    return {**fitted, "title": cut_text(entry["title"], max_characters)}


def _order(entry: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: entry[name] for name in names if name in entry}


def _share_room(entries: int) -> int:
    return MAX_RELATED_BYTES // max(entries, MAX_RELATED) - _LIST_BYTES


def _cut_texts(fields: Mapping[str, Any]) -> dict[str, Any]:
    entry = dict(fields)
    for name, max_characters in _MAX_CHARACTERS.items():
        if name in entry:
            entry[name] = cut_text(entry[name], max_characters)
    return entry


def _fits(entry: Mapping[str, Any], max_bytes: int) -> bool:
    """Whether `_measure` is within *max_bytes*; most entries are so small that a bound tells.

    Indented, there is a line for each comma and each bracket at most, and it is indented by no more
    levels than there are brackets.
    """
    text = json.dumps(entry)
    brackets = text.count("{") + text.count("[")
    lines = text.count(",") + 2 * brackets
    if len(text) + lines * (1 + _INDENT * brackets) <= max_bytes:
        return True
    return _measure(entry) <= max_bytes


def _measure(entry: Mapping[str, Any]) -> int:
    """No less than the entry takes as JSON in an event, or indented in a seed file."""
    return len(json.dumps(entry, indent=_INDENT))


def _list_smaller(entry: dict[str, Any], dispensable: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """*entry* and what remains of it after each loss."""
    yield dict(entry)
    if len(entry.get("images", ())) > 1:
        entry = {**entry, "images": entry["images"][:1]}
        yield dict(entry)
    for name in dispensable:
        if name in entry:
            entry = {kept: value for kept, value in entry.items() if kept != name}
            yield dict(entry)
