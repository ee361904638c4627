"""Hides the values of `secured` in the raw text of a seed, whether it parses or not."""

import re
from collections.abc import Iterable
from typing import Final

from services.console.redaction.line_scan import LineScanner
from services.console.redaction.span import Span, merge_spans
from services.console.redaction.yaml_values import NotYaml, find_secured_fields

_FRONT_MATTER: Final = re.compile(r"\ufeff?---[ \t]*\r?\n(.*?)^---[ \t]*\r?$", re.M | re.S)
# The name, or an escape in quotes, which may stand for one of its letters.
_WORTH_A_LOOK: Final = re.compile(r"secured|\\[xuU]", re.IGNORECASE)
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


def find_values(text: str) -> list[Span]:
    """Where the values of `secured` stand, in their order."""
    if not _WORTH_A_LOOK.search(text):
        return []
    match = _FRONT_MATTER.match(text)
    if not match or not match[1].strip():
        return merge_spans(_find_in_yaml(text, 0))
    # A `---` too many puts fields into the body.
    body = LineScanner(text[match.end() :], parses=True).find_values()
    found = [*_find_in_yaml(match[1], match.start(1)), *_move_spans(body, match.end())]
    return merge_spans(found)


def find_fields(text: str) -> list[Span]:
    """The values of fields `secured` in the front matter, where its parser finds them.

    In text that does not parse, which nobody publishes, whatever may be one.
    """
    match = _FRONT_MATTER.match(text)
    if not match:
        return find_values(text)
    try:
        fields = find_secured_fields(match[1])
    except NotYaml:
        return find_values(text)
    return _move_spans(fields.values, match.start(1))


def find_body(text: str) -> int:
    """Where the body begins; the end of the text if it has no front matter."""
    match = _FRONT_MATTER.match(text)
    return match.end() if match else len(text)


def _find_in_yaml(text: str, offset: int) -> Iterable[Span]:
    try:
        fields = find_secured_fields(text)
    except NotYaml:
        return _move_spans(LineScanner(text, parses=False).find_values(), offset)
    scanner = LineScanner(text, parses=True, exact_names=fields.names)
    exact = [span for span in fields.values if span.size]
    return _move_spans([*exact, *scanner.find_values()], offset)


def _move_spans(spans: Iterable[Span], offset: int) -> list[Span]:
    return [Span(span.start + offset, span.end + offset, span.size) for span in spans]
