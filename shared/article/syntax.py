"""Front matter to plain values: the choice of the YAML parser, and the bounds that make any bytes safe for it.

`yaml-rs` reads (YAML 1.2: `yes` is text, a date is text, no merge keys). Measured over all 501 real seeds it gives the
values of PyYAML's `CSafeLoader` in 11 µs instead of 100 (27 µs with all guards), and it refuses repeated names. What
it does badly is refused before or beside it, and tests hold each of these: it overflows the stack on nested `- - -`,
drops what follows a NUL, replaces an alias to its own parent by null, ignores tags on lists, and takes quoted dates
for dates (`parse_datetime`). PyYAML only walks its events, when something looks suspicious or is wrong (`outline`).
"""

import re
from typing import Any

from yaml_rs import loads

from shared.article.errors import FieldError, SeedError
from shared.article.outline import FIRST_LINE, Outline

MAX_INDENT = 100  # columns; a column nests twice at most, and 200 levels fit a stack of 256 KiB
MAX_BRACKETS = 32  # more `[` and `{` than that might nest too deeply, so they are counted properly; real seeds have 1

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TOO_INDENTED = re.compile(rf"\n(?:[ \t]|[-?:](?=[ \t\n])){{{MAX_INDENT}}}[ \t]*[^ \t\n]")
_SUSPICIOUS = re.compile(
    r"[&*!](?<![^\s\[{,:][&*!])(?:(?<=!)|(?=\S))"
)  # may begin an anchor, an alias or a tag
_UNCLOSED = "invalid indentation in multiline quoted scalar"
_PLACE = re.compile(r"at line (\d+)")


def load(text: str) -> dict[Any, Any]:
    """The fields of a front matter; names may be anything YAML allows. Raises `SeedError`."""
    _refuse_unsafe(text)
    try:
        fields = loads(text, parse_datetime=False)
    except ValueError as error:
        problem = str(error)
    else:
        return _mapping(fields)
    raise SeedError(_explained(problem, text))


def _refuse_unsafe(text: str) -> None:
    is_printable = text.replace("\n", "").isprintable()  # stricter than YAML, and 20 times faster
    if not is_printable and (bad := _UNPRINTABLE.search(text)):
        what = f"Expected printable text, found the character U+{ord(bad[0]):04X}: write it as an escape in quotes."
        raise SeedError([_error(_line(text, bad.start()), what)])
    if deep := _TOO_INDENTED.search("\n" + text.replace("\r", "\n")):
        what = f"Expected at most {MAX_INDENT} columns of indentation."
        raise SeedError([_error(_line(text, deep.start()), what)])
    is_suspicious = _SUSPICIOUS.search(text) or text.count("[") + text.count("{") > MAX_BRACKETS
    if is_suspicious and (refused := Outline(text).refused):
        raise SeedError(refused)


def _mapping(fields: object) -> dict[Any, Any]:
    if fields is None:
        return {}
    if not isinstance(fields, dict):
        raise SeedError(
            [_error(FIRST_LINE, "Expected one block of `name: value` lines, found something else.")]
        )
    return fields


def _explained(problem: str, text: str) -> list[FieldError]:
    """What yaml-rs found, in our words where they are better, without its excerpt: that may show `secured`."""
    if problem.startswith("duplicate mapping key"):
        return Outline(text).repeated or [
            _error(None, "Expected each field once, but one is repeated.")
        ]
    place = _PLACE.search(problem)
    reason = problem.rsplit("\n", 1)[-1] if place else "it cannot be read"
    if reason == _UNCLOSED:
        reason = "a quoted text that began above is not closed, or goes on without indentation"
    return [
        _error(
            int(place[1]) + FIRST_LINE - 1 if place else None,
            f"Expected valid YAML, but: {reason}.",
        )
    ]


def _error(line: int | None, message: str) -> FieldError:
    return FieldError("front matter", line, message)


def _line(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + FIRST_LINE
