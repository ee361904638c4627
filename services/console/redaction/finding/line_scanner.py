"""Finds what may be a value of `secured` in text that need not parse, line by line.

A value goes to the end of its line, to the end of its quotes or brackets, and over every line below
that does not look like the next field: values that were pasted without quotes or indentation are
found, too.
"""

import re
from bisect import bisect_right
from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from services.console.redaction.finding.span import Span
from services.console.redaction.finding.yaml_fields import NOTHING

MAX_LOOK_BACK: Final = 1_000  # characters before a name on its line: a line may have a million

_NAME: Final = re.compile(r"([\"']?)secured\1(?![\w-])", re.IGNORECASE)
_SEPARATOR: Final = re.compile(r"\W{0,9}?[:=\uff1a]")
_PROPERTIES: Final = re.compile(r"(?:[&!]\S*[ \t]+)+")  # anchors and tags
_IN_BRACES: Final = re.compile(r"[{,]\s*$")
_ESCAPED_BREAK: Final = re.compile(r"\\[nr][ \t]*$")  # a seed inside of a JSON text
_BREAK: Final = re.compile(r"\r\n|\n|\r")
_DOCUMENT_END: Final = re.compile(r"(?:---|\.\.\.)[ \t]*$")
_NEXT_FIELD: Final = re.compile(r"(?:-[ \t]+)?([\"']?)[A-Za-z_][\w.-]*\1[ \t]*:(?=[ \t]|$)")
_LIST_ITEM: Final = re.compile(r"-(?=[ \t]|$)")
_CLOSING: Final = re.compile(r"[}\]][}\],; \t]*$")
_OPEN_VALUE: Final = re.compile(r"\s*(?:[&!]\S*\s+)*(?=[\"'{\[])")
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'|[\[{]|[\]}]', re.DOTALL)
_NOTHING: Final = NOTHING | {'""', "''"}


@dataclass(frozen=True)
class _Line:
    start: int
    end: int  # without its break
    indent: int


class LineScanner:
    """Scans one text.

    *parses* says that the text is sound YAML. Then a name in the middle of a line is prose, unless
    it stands in braces, in a comment, or after an escaped line break. *exact_names* are where the
    parser found the name: it knows best how far these values go, if they are in the middle of a
    line.
    """

    def __init__(self, text: str, *, parses: bool, exact_names: Collection[int] = ()) -> None:
        self._text = text
        self._parses = parses
        self._exact_names = exact_names
        self._lines = _split_lines(text)
        self._starts = [line.start for line in self._lines]

    def find_values(self) -> list[Span]:
        values: list[Span] = []
        for match in _NAME.finditer(self._text):
            if values and match.start() < values[-1].end:
                continue  # it is hidden already
            value = self._find_value(match)
            if value is not None:
                values.append(value)
        return values

    def _find_value(self, name: re.Match[str]) -> Span | None:
        number = bisect_right(self._starts, name.start()) - 1
        line = self._lines[number]
        first = max(line.start, name.start() - MAX_LOOK_BACK)
        before = self._text[first : name.start()]
        is_first = first == line.start and _is_first(before)
        separator = _SEPARATOR.match(self._text, name.end())
        if not self._is_name(before, is_first, separator is not None, name.start()):
            return None
        start = separator.end() if separator else name.end()
        column = len(before) if is_first else line.indent
        end = self._find_end(start, column)
        return self._build_span(start, end)

    def _is_name(self, before: str, is_first: bool, has_separator: bool, start: int) -> bool:
        if is_first:
            return has_separator or not self._parses
        if start in self._exact_names or not has_separator:
            return False
        if not self._parses or "#" in before:
            return True
        return bool(_IN_BRACES.search(before) or _ESCAPED_BREAK.search(before))

    def _find_end(self, start: int, column: int) -> int:
        """Where the value ends that begins at *start*; its name stands in *column*."""
        end = self._find_end_of_nesting(start)
        number = bisect_right(self._starts, end) - 1
        last = self._lines[number]
        for index in range(number + 1, len(self._lines)):
            line = self._lines[index]
            if self._is_beyond(line, column):
                break
            if line.start < line.end:
                last = line
        return last.end

    def _is_beyond(self, line: _Line, column: int) -> bool:
        """Whether the line cannot belong to a value whose name stands in *column*."""
        text = self._text[line.start + line.indent : line.end]
        if not line.indent and _DOCUMENT_END.match(text):
            return True
        if not text or line.indent > column:
            return False
        is_outer_item = line.indent < column and _LIST_ITEM.match(text)
        return bool(is_outer_item or _NEXT_FIELD.match(text) or _CLOSING.match(text))

    def _find_end_of_nesting(self, start: int) -> int:
        """Behind the quotes or brackets that begin at *start*, or *start* if none do.

        What is not closed goes to the end of the text.
        """
        opening = _OPEN_VALUE.match(self._text, start)
        if not opening:
            return start
        depth = 0
        position = opening.end()
        if self._text[position] in "\"'" and not _TOKEN.match(self._text, position):
            return len(self._text)
        for token in _TOKEN.finditer(self._text, position):
            depth += (token[0] in "[{") - (token[0] in "]}")
            if depth <= 0:
                return token.end()
        return len(self._text)

    def _build_span(self, start: int, end: int) -> Span | None:
        raw = self._text[start:end]
        value = raw.strip()
        if value in _NOTHING:
            return None
        start += len(raw) - len(raw.lstrip(" \t"))
        if value[0] in "\"'" and value[-1] == value[0]:
            value = value[1:-1]
        return Span(start, end, len(value.encode(errors="surrogatepass")))


def _is_first(before: str) -> bool:
    """Whether nothing but indentation, dashes, quotes, tags and the like stands before the name."""
    return not re.search(r"\w", _PROPERTIES.sub("", before))


def _split_lines(text: str) -> list[_Line]:
    breaks = [(0, 0), *[match.span() for match in _BREAK.finditer(text)], (len(text), len(text))]
    lines = []
    for (_, start), (end, _) in pairwise(breaks):
        line = text[start:end]
        lines.append(_Line(start, end, len(line) - len(line.lstrip(" \t"))))
    return lines
