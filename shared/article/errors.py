"""What is wrong with a seed, in words for the person who wrote it.

SeedError            the seed breaks the format    reject the record, go on with the others
└── .errors          every FieldError at once, in the order of the file
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from shared.errors import UnprocessableRecord

# Characters of a wrong value: enough to find it in the file, short enough for a receipt.
MAX_SHOWN = 60
# Python refuses to write out integers of more than 4,300 digits; the largest float has 309.
MAX_INT = 10**300
# A receipt is read by a person, and a list of 100,000 wrong topics is one mistake.
MAX_ERRORS = 20
# Characters of a value that are searched for secrets; at most 60 of them are shown.
MAX_SEARCHED = 2_000

# Base64 as in `secured`. A missing line break can move such text into another field.
_OPAQUE = re.compile(r"[A-Za-z0-9+/=;]{40,}")


@dataclass(frozen=True)
class FieldError:
    """One mistake: where it is, and a sentence about it.

    `field` is a path such as `images[0].url`, or `front matter`, or `file`; `line` counts from 1.
    """

    field: str
    line: int | None
    message: str

    def __str__(self) -> str:
        place = self.field if self.line is None else f"{self.field} (line {self.line})"
        return f"{place}: {self.message}"


class SeedError(UnprocessableRecord):
    """The seed breaks the format.

    Consequence: reject the record, because the same bytes always fail in the same way. `errors` is
    never empty and never shows a value of `secured`.
    """

    def __init__(self, errors: Sequence[FieldError]) -> None:
        self.errors = limit_errors(errors)
        super().__init__("; ".join(map(str, self.errors)))


def describe_value(value: object) -> str:
    """*value* in words, shortened: `the number 5`, `the text "39"`, `a list`, `nothing`."""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case int() if abs(value) > MAX_INT:
            return "a number of more than 300 digits"
        case int() | float():
            return f"the number {shorten(str(value))}"
        case str():
            return f'the text "{shorten(value)}"' if value else "empty text"
        case list():
            return "a list"
        case dict():
            return "a block of fields"
        case _:
            return f"a value of another kind ({type(value).__name__})"


def shorten(text: str) -> str:
    """One printable line of at most `MAX_SHOWN` characters, with possible secrets left out."""
    shown = _OPAQUE.sub("…", text[:MAX_SEARCHED])
    line = "".join(map(_replace_unprintable, shown[: MAX_SHOWN + 1]))
    return line if len(line) <= MAX_SHOWN else f"{line[: MAX_SHOWN - 1]}…"


def _replace_unprintable(character: str) -> str:
    return character if character.isprintable() else " "


def limit_errors(errors: Sequence[FieldError], noun: str = "errors") -> tuple[FieldError, ...]:
    """*errors* in the order of the file; of too many, the first, and how many more there are."""
    ordered = sorted(errors, key=lambda error: error.line or 0)
    surplus = len(ordered) - MAX_ERRORS
    if surplus <= 0:
        return tuple(ordered)
    note = FieldError("file", None, f"{surplus:,} more {noun} are not listed.")
    return (*ordered[:MAX_ERRORS], note)
