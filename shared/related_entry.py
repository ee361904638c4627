"""An entry of `related`, cut so that an event with ten of them fits. Pure."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from shared.budgets import (
    MAX_RELATED,
    MAX_RELATED_BYTES,
    MAX_RELATED_EXCERPT_CHARACTERS,
    MAX_RELATED_TITLE_CHARACTERS,
    cut_text,
)

# A view adds the id of the relative, the score of the link, and whether it is pinned.
_VIEW_FIELDS_BYTES: Final = 200

_MAX_CHARACTERS: Final = {
    "title": MAX_RELATED_TITLE_CHARACTERS,
    "excerpt": MAX_RELATED_EXCERPT_CHARACTERS,
}

# What an entry can do without, the most dispensable first. A title is never left out.
_DISPENSABLE: Final = ("provider", "cdnAmpWebUrl", "ampWebUrl", "images", "excerpt", "webUrl")

_MAX_CHARACTER_BYTES: Final = 6  # \u0000


def fit_related_entry(fields: Mapping[str, Any], entries: int = MAX_RELATED) -> dict[str, Any]:
    """*fields* of one of at most *entries* entries, as JSON values, with long texts cut.

    If that does not suffice, it loses whole parts, one after the other: all images but the first,
    then the provider, and so on.
    """
    max_bytes = MAX_RELATED_BYTES // max(entries, MAX_RELATED) - _VIEW_FIELDS_BYTES
    entry = dict(fields)
    for name, max_characters in _MAX_CHARACTERS.items():
        if name in entry:
            entry[name] = cut_text(entry[name], max_characters)
    for smaller in _list_smaller(entry):
        if _measure(smaller) <= max_bytes:
            return smaller
    return {"title": cut_text(entry["title"], (max_bytes - 100) // _MAX_CHARACTER_BYTES)}


def _measure(entry: Mapping[str, Any]) -> int:
    """No less than the entry takes as JSON in an event, or indented in a seed file."""
    return len(json.dumps(entry, indent=3))


def _list_smaller(entry: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """*entry* and what remains of it after each loss."""
    yield entry
    if len(entry.get("images", ())) > 1:
        entry = {**entry, "images": entry["images"][:1]}
        yield entry
    for name in _DISPENSABLE:
        if name in entry:
            entry = {kept: value for kept, value in entry.items() if kept != name}
            yield entry
