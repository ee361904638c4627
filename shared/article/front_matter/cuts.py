"""Leaves out hints that go beyond the YAML of seeds: anchors, aliases, tags, deep nesting.

No field that is derived or unknown refuses a seed, also where the fast parser must not see it. Such
a field is cut out of the text, as far as PyYAML's events tell where it ends; its lines become
comments, so that all others keep their numbers. What cannot be cut is refused like before.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import yaml

from shared.article.errors import FieldError
from shared.article.front_matter.faults import FIRST_LINE
from shared.article.front_matter.outline import (
    UNNAMED,
    describe_unsupported,
    format_path,
    parse_events,
)
from shared.article.hints import is_hint_name

MAX_WALKED_LEVELS: Final = 200  # libyaml looks at each open bracket for every token
MAX_WALKED_EVENTS: Final = 100_000  # some tenths of a second
MAX_INDENT: Final = 100
"""Columns. A column nests twice at most, and 200 levels fit into a stack of 256 KiB."""

TOO_INDENTED: Final = re.compile(rf"(?:[ \t]|[-?:](?=[ \t\n])){{{MAX_INDENT}}}[ \t]*[^ \t\n]")
_LINE: Final = re.compile(r"[^\r\n]*(\r\n|\n|\r|\Z)")
_LEFT_OUT: Final = "The field is left out."


@dataclass
class _Field:
    """A field of the front matter, by the index of its first line, and its first fault."""

    name: str
    first_line: int
    fault: str = ""
    fault_line: int = 0


def leave_out_unsupported(text: str) -> tuple[str, list[FieldError]]:
    """*text* without the hints that are no YAML of seeds, and a warning for each.

    *text* itself if there are none, or if it cannot be told where they end.
    """
    fields = _walk(text)
    if not fields:
        return text, []
    lines = [match[0] for match in _LINE.finditer(text)]
    _note_indentation(fields, lines)
    warnings: list[FieldError] = []
    ends = [field.first_line for field in fields[1:]]
    for field, end in zip(fields, [*ends, len(lines)], strict=True):
        if not field.fault or not is_hint_name(field.name):
            continue
        message = f"{field.fault} {_LEFT_OUT}"
        warnings.append(FieldError(format_path((field.name,)), field.fault_line, message))
        for number in range(field.first_line, end):
            lines[number] = _comment_out(lines[number])
    return "".join(lines), warnings


def _comment_out(line: str) -> str:
    ending = _LINE.fullmatch(line)
    return f"#{ending[1] if ending else ''}"


class _Walk:
    """Reads events up to the limits. Counts levels, and keeps no path to them: there may be very
    many."""

    def __init__(self) -> None:
        self.fields: list[_Field] = []
        self.is_readable = True
        self.is_complete = False
        self._depth = 0
        self._is_name = True

    def read(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.StreamEndEvent):
            self.is_complete = True
        elif isinstance(event, yaml.CollectionEndEvent):
            self._depth -= 1
        elif isinstance(event, yaml.NodeEvent):
            self._read_node(event, event.start_mark.line if event.start_mark else 0)

    def _read_node(self, event: yaml.NodeEvent, line: int) -> None:
        if self._depth == 1:
            if self._is_name:
                name = event.value if isinstance(event, yaml.ScalarEvent) else UNNAMED
                self.fields.append(_Field(name, line))
            self._is_name = not self._is_name
        if fault := describe_unsupported(event, self._depth):
            self._note_fault(fault, line)
        if isinstance(event, yaml.CollectionStartEvent):
            self._depth += 1
            self.is_readable &= self._depth <= MAX_WALKED_LEVELS

    def _note_fault(self, fault: str, line: int) -> None:
        """A fault of no field is one of the whole front matter."""
        self.is_readable &= bool(self.fields)
        if self.fields:
            _note_fault(self.fields[-1], fault, line)


def _walk(text: str) -> list[_Field]:
    """The fields, if each begins on a line of its own and all of the text was read; else none."""
    walk = _Walk()
    for count, event in enumerate(parse_events(text)):
        walk.read(event)
        if not walk.is_readable or count > MAX_WALKED_EVENTS:
            return []
    return walk.fields if walk.is_complete and _has_own_lines(walk.fields) else []


def _has_own_lines(fields: Sequence[_Field]) -> bool:
    return len({field.first_line for field in fields}) == len(fields)


def _note_fault(field: _Field, fault: str, line: int) -> None:
    if not field.fault:
        field.fault, field.fault_line = fault, line + FIRST_LINE


def _note_indentation(fields: Sequence[_Field], lines: Iterable[str]) -> None:
    """Lines that are indented too far are a fault of the field they belong to."""
    starts = {field.first_line: field for field in fields}
    current: _Field | None = None
    for number, line in enumerate(lines):
        current = starts.get(number, current)
        if current is not None and TOO_INDENTED.match(line):
            fault = f"Expected at most {MAX_INDENT} columns of indentation."
            _note_fault(current, fault, number)
