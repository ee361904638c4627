"""Where the values of `secured` stand in the text of a seed, whether it parses or not."""

import re
from collections.abc import Iterable
from typing import Final

from services.console.redaction.finding.line_scanner import LineScanner
from services.console.redaction.finding.span import Span, merge_spans
from services.console.redaction.finding.yaml_fields import NotYaml, find_secured_fields

_FRONT_MATTER: Final = re.compile(r"\ufeff?---[ \t]*\r?\n(.*?)^---[ \t]*\r?$", re.M | re.S)
# The name, or an escape in quotes, which may stand for one of its letters.
_WORTH_A_LOOK: Final = re.compile(r"secured|\\[xuU]", re.IGNORECASE)


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
