"""Says what is wrong with a front matter that the YAML parser cannot read, for its author.

The parser knows the line and a reason in its own terms, sometimes of a line too far below. From the
reason and the text comes a sentence in terms of lines, quotation marks and colons. It quotes single
characters and names of fields at the most, never values: these may be `secured`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from shared.article.errors import FieldError

FIRST_LINE: Final = 2  # of the file: the front matter begins below its `---`
FRONT_MATTER: Final = "front matter"

# Lines above the reported one that are searched for what began there.
_MAX_LINES_BACK: Final = 2_000

_BREAK: Final = re.compile(r"\r\n|\n|\r")
_FIELD: Final = re.compile(r"([A-Za-z_][\w-]*)[ \t]*:(?=[ \t]|$)")
_COLON: Final = re.compile(r":(?:[ \t]|$)")
_VALUE: Final = re.compile(r"^[ \t]*(?:-[ \t]+)*(?:[^\s:\"'][^:\"']*?[ \t]*:[ \t]+)?(.*)$")
_IN_QUOTES: Final = "put the value in quotes."
_TYPOGRAPHIC_QUOTES: Final = "“”„‟‘’‚«»"


@dataclass(frozen=True)
class _Fault:
    """Where the parser stopped (an index into *lines*) and why, in its own words."""

    lines: Sequence[str]
    index: int
    reason: str

    @property
    def line(self) -> str:
        return self.lines[self.index] if self.index < len(self.lines) else ""


_Explanation = tuple[int, str]
"""The index of the line that is wrong, and the sentence about it."""


def split_lines(text: str) -> list[str]:
    """The lines as YAML and editors count them: a carriage return alone ends a line, too."""
    return _BREAK.split(text)


def explain_fault(text: str, line: int, reason: str) -> FieldError:
    """Explain *reason*, which the parser gives for *line* of the *text* (counted from 1)."""
    fault = _Fault(split_lines(text), max(0, line - 1), reason)
    index, message = _explain(fault)
    return FieldError(_name_field(fault.lines, index), index + FIRST_LINE, message)


def _explain(fault: _Fault) -> _Explanation:
    for part, explain in _EXPLANATIONS.items():
        if part in fault.reason:
            return explain(fault) if callable(explain) else (fault.index, explain)
    return fault.index, "Expected lines such as `name: value`, found what cannot be read as such."


def _name_field(lines: Sequence[str], index: int) -> str:
    """The field whose line it is, if it is not part of another."""
    match = _FIELD.match(lines[index]) if index < len(lines) else None
    return match[1] if match else FRONT_MATTER


def _explain_unclosed_quote(fault: _Fault) -> _Explanation:
    found = _find_open_quote(fault)
    if found is None:
        return fault.index, "Expected a closing quotation mark for a text above, found none."
    index, quote = found
    return index, (
        f"Expected a closing quotation mark ({quote}), found none: "
        "if the text goes on below, indent those lines."
    )


def _explain_text_after_quote(fault: _Fault) -> _Explanation:
    quote = _opening_quote(fault.line)
    if quote is None:
        found = _find_open_quote(fault)
        quote = found[1] if found else '"'
    escape = '\\" for a quotation mark' if quote == '"' else "'' for an apostrophe"
    return fault.index, (
        f"Expected nothing after the closing quotation mark ({quote}), found more text: "
        f"write {escape} inside the text."
    )


def _explain_colon(fault: _Fault) -> _Explanation:
    match = _VALUE.match(fault.line)
    value = match[1] if match else ""
    if value[:1] in _TYPOGRAPHIC_QUOTES and value:
        return fault.index, (
            f'Expected straight quotation marks (") around the value, found {value[0]}.'
        )
    if _COLON.search(value):
        return fault.index, f"Expected one value, found a second colon: {_IN_QUOTES}"
    return fault.index, (
        "Expected the rest of the field above, found another field: "
        "check how far both lines are indented."
    )


def _explain_missing_colon(fault: _Fault) -> _Explanation:
    """The parser notices it on the line below, or even further down."""
    index = _find_line_without_colon(fault)
    if re.match(r"[ \t]*[\w-]+:\S", fault.lines[index]):
        return index, "Expected a space after the colon, found none."
    return index, (
        "Expected a line such as `name: value`, found one without a colon: "
        "indent it if it belongs to the field above."
    )


def _find_line_without_colon(fault: _Fault) -> int:
    last = min(fault.index, len(fault.lines) - 1)
    first = max(0, last - _MAX_LINES_BACK)
    candidates: list[int] = [*range(last - 1, first - 1, -1), last]
    for index in candidates:
        text = fault.lines[index].strip()
        if text and not text.startswith("#") and not _COLON.search(text):
            return index
    return last


def _explain_character(fault: _Fault) -> _Explanation:
    character = fault.reason.partition("unexpected character: `")[2][:1]
    return fault.index, f"Expected a value, found {character} at its beginning: {_IN_QUOTES}"


def _explain_space(fault: _Fault) -> _Explanation:
    found = "a tab" if ":\t" in fault.line else "none"
    return fault.index, f"Expected a space after the colon, found {found}."


def _explain_tab(fault: _Fault) -> _Explanation:
    """The parser gives the line before, if that could go on with this one."""
    index = fault.index
    for candidate in (index, index + 1):
        if candidate < len(fault.lines) and re.match(r" *\t", fault.lines[candidate]):
            index = candidate
            break
    return index, "Expected spaces in front of the text, found a tab."


def _explain_bracket(fault: _Fault) -> _Explanation:
    closing = "}" if "{" in fault.reason else "]"
    return fault.index, f"Expected a closing bracket ({closing}), found none."


def _find_open_quote(fault: _Fault) -> tuple[int, str] | None:
    """The nearest line above, or the line itself, on which a quotation mark stays open."""
    last = min(fault.index, len(fault.lines) - 1)
    for index in range(last, max(-1, last - _MAX_LINES_BACK), -1):
        quote = _open_quote(fault.lines[index])
        if quote is not None:
            return index, quote
    return None


def _opening_quote(line: str) -> str | None:
    """The quotation mark that the value on this line begins with."""
    match = _VALUE.match(line)
    first = match[1][:1] if match else ""
    return first if first in ("'", '"') else None


def _open_quote(line: str) -> str | None:
    """The same, if nothing on the line closes it."""
    quote = _opening_quote(line)
    if quote is None:
        return None
    rest = line[line.index(quote) + 1 :]
    plain = re.sub(r"\\.", "", rest) if quote == '"' else rest.replace("''", "")
    return None if quote in plain else quote


_NOT_INDENTED_ALIKE: Final = (
    "Expected a field that is indented like the fields above, found something else."
)
_EXPLANATIONS: Final[Mapping[str, str | Callable[[_Fault], _Explanation]]] = {
    "invalid indentation in multiline quoted": _explain_unclosed_quote,
    "unclosed quote": _explain_unclosed_quote,
    "found unexpected document indicator": _explain_unclosed_quote,
    "invalid trailing content after double-quoted": _explain_text_after_quote,
    "mapping values are not allowed": _explain_colon,
    "illegal placement of ':'": _explain_colon,
    "simple key expect": _explain_missing_colon,
    "unexpected character: `": _explain_character,
    "unclosed bracket": _explain_bracket,
    "misplaced bracket": f"Expected a value, found a bracket that closes nothing: {_IN_QUOTES}",
    "expected ',' or ']'": "Expected a comma or a closing bracket (]).",
    "expected ',' or '}'": "Expected a comma or a closing bracket (}).",
    "':' may not precede": _explain_space,
    "':' must be followed": _explain_space,
    "'-' must be followed": "Expected a space after the dash, found none.",
    "tab": _explain_tab,
    "while scanning a block scalar": (
        f"Expected the text to begin on the line below, found more after | or >: {_IN_QUOTES}"
    ),
    "wrongly indented line in block scalar": (
        "Expected all lines of a text below | or > to be indented alike."
    ),
    "plain scalar cannot start with '-'": f"Expected a value, found a dash: {_IN_QUOTES}",
    "block sequence entries are not allowed": (
        f"Expected a value, found a dash: begin a list on the next line, or {_IN_QUOTES}"
    ),
    "mapping keys are not allowed": f"Expected a value, found a question mark: {_IN_QUOTES}",
    "expected '-' indicator": "Expected the next item of the list, indented like those above.",
    "did not find expected key": _NOT_INDENTED_ALIKE,
    "invalid indentation": (
        "Expected this line to be indented further than the field it belongs to; "
        "or a bracket above is not closed."
    ),
    "unknown escape character": (
        "Expected an escape such as \\n after the backslash, found none: "
        "write \\\\ for the backslash itself."
    ),
    "hexadecimal number": "Expected digits after \\x, \\u or \\U: two, four or eight (0-9, a-f).",
    "surrogate": "Expected a whole character after \\u, found half of a pair.",
    "Unicode character escape": "Expected a character of Unicode after \\u or \\U.",
    "comment intercepting": "Expected the text to go on, found a comment (#) within it.",
    "comments must be separated": f"Expected a space in front of #: or {_IN_QUOTES}",
    "directive": f"Expected a field, found a percent sign: {_IN_QUOTES}",
    "a tag": f"Expected a value without a YAML tag (!): {_IN_QUOTES}",
    "anchor": f"Expected the value itself, found a YAML anchor or alias (& or *): {_IN_QUOTES}",
    "expected node content": f"Expected a value, found a character that begins none: {_IN_QUOTES}",
    "unexpected EOF": f"Expected a value, found a character that begins none: {_IN_QUOTES}",
}
"""By a part of the parser's reason; the first that fits counts."""
