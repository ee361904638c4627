"""Parses front matter into plain values: the YAML parser, and the guards that make any bytes safe.

`yaml-rs` does the reading (YAML 1.2: `yes` is text, dates are text, there are no merge keys). On
all 501 real seeds it returns the values of PyYAML's `CSafeLoader`, in 11 µs instead of 100 (27 µs
with all guards), and it refuses repeated names. What it does badly is refused before or beside it,
and a test covers each of these: it overflows the stack on nested `- - -`, drops everything after a
NUL, replaces an alias to its own parent by null, ignores tags on lists, and takes quoted dates for
dates (`parse_datetime`). PyYAML only walks its events, when something looks suspicious or is wrong;
see `outline`.
"""

import re
from typing import Any

from yaml_rs import loads

from shared.article.errors import FieldError, SeedError
from shared.article.front_matter.cuts import MAX_INDENT, TOO_INDENTED, leave_out_unsupported
from shared.article.front_matter.faults import FIRST_LINE, FRONT_MATTER, explain_fault, split_lines
from shared.article.front_matter.outline import Outline

# With more `[` and `{` the text may nest too deeply, so the levels are counted. Real seeds have 1.
MAX_BRACKETS = 32

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TOO_INDENTED = re.compile(rf"\n{TOO_INDENTED.pattern}")
# Text that may begin an anchor, an alias or a tag.
_SUSPICIOUS = re.compile(r"[&*!](?<![^\s\[{,:][&*!])(?:(?<=!)|(?=\S))")
_PLACE = re.compile(r"at line (\d+)")


def load_supported(text: str) -> tuple[dict[Any, Any], str, list[FieldError]]:
    """The fields that seeds may have, the text that they stand in, and what was left out of it.

    Raises `SeedError`.
    """
    try:
        return load_front_matter(text), text, []
    except SeedError as error:
        refusal = error
    supported, warnings = leave_out_unsupported(text)
    if not warnings:
        raise refusal
    return load_front_matter(supported), supported, warnings


def load_front_matter(text: str) -> dict[Any, Any]:
    """The fields of a front matter; names may be anything that YAML allows. Raises `SeedError`."""
    _refuse_unprintable(text)
    _refuse_deep_indentation(text)
    _refuse_unsupported(text)
    try:
        fields = loads(text, parse_datetime=False)
    except ValueError as error:
        problem = str(error)
    else:
        return _require_block(fields)
    # Raised outside the handler: the parser's error quotes the text, which may contain `secured`.
    raise SeedError(_explain(problem, text))


def load_rendered(text: str) -> dict[Any, Any]:
    """The fields of a front matter that `render_seed` has written. Raises ValueError."""
    return _require_block(loads(text, parse_datetime=False))


def _refuse_unprintable(text: str) -> None:
    if text.replace("\n", "").isprintable():  # stricter than YAML, and 20 times faster
        return
    if match := _UNPRINTABLE.search(text):
        what = f"Expected printable text, found the character U+{ord(match[0]):04X}"
        error = _error(_line_at(text, match.start()), f"{what}: write it as an escape in quotes.")
        raise SeedError([error])


def _refuse_deep_indentation(text: str) -> None:
    if match := _TOO_INDENTED.search("\n" + text.replace("\r", "\n")):
        what = f"Expected at most {MAX_INDENT} columns of indentation."
        raise SeedError([_error(_line_at(text, match.start()), what)])


def _refuse_unsupported(text: str) -> None:
    """Refuse the parts of YAML that seeds do without; look closely only where there may be some."""
    has_many_brackets = text.count("[") + text.count("{") > MAX_BRACKETS
    if has_many_brackets or _SUSPICIOUS.search(text):
        unsupported = Outline(text).unsupported
        if unsupported:
            raise SeedError(unsupported)


def _require_block(fields: object) -> dict[Any, Any]:
    if fields is None:
        return {}
    if not isinstance(fields, dict):
        found = "a list" if isinstance(fields, list) else "text without the name of a field"
        what = f"Expected one block of `name: value` lines, found {found}."
        raise SeedError([_error(FIRST_LINE, what)])
    return fields


def _explain(problem: str, text: str) -> list[FieldError]:
    """What yaml-rs found, in our words. Its message has an excerpt, which may show `secured`."""
    if problem.startswith("duplicate mapping key"):
        unlocated = _error(None, "Expected each field once, but one is repeated.")
        return Outline(text).repeated or [unlocated]
    place = _PLACE.search(problem)
    line = int(place[1]) if place else 1
    return [explain_fault(text, line, problem.rsplit("\n", 1)[-1])]


def _error(line: int | None, message: str) -> FieldError:
    return FieldError(FRONT_MATTER, line, message)


def _line_at(text: str, offset: int) -> int:
    return len(split_lines(text[:offset])) - 1 + FIRST_LINE
