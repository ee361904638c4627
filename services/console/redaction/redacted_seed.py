"""Hides the values of `secured` in the raw text of a seed, whether it parses or not."""

import re
from typing import Final

from services.console.redaction.finding.secured_values import find_values

_BREAK: Final = re.compile(r"\r\n|\n|\r")
_UTF_16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")


def decode_seed(raw: bytes) -> str:
    """The bytes as text; those that are not UTF-8 are replaced. UTF-16 is read where it is likely.

    Otherwise a NUL would stand between all letters, and no field would be found.
    """
    if raw[:2] in _UTF_16_MARKS:
        return raw.decode("utf-16", errors="replace")
    head = raw[:1000]
    if head.count(0) * 3 > len(head):
        encoding = "utf-16-be" if head[:1] == b"\x00" else "utf-16-le"
        return raw.decode(encoding, errors="replace")
    return raw.decode(errors="replace")


def contains_secured(text: str) -> bool:
    return bool(find_values(text))


def hide_secured(text: str) -> str:
    """The text with a placeholder for each value of `secured`. Every line keeps its number."""
    parts = []
    end = 0
    for span in find_values(text):
        breaks = _BREAK.findall(text, span.start, span.end)
        gap = " " if text[span.start - 1] == ":" else ""
        parts += [text[end : span.start], gap, span.placeholder, *breaks]
        end = span.end
    return "".join([*parts, text[end:]])
