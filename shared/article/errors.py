"""What is wrong with a seed, said to the person who wrote it.

SeedError            the seed breaks the format    reject the record, go on with the others
└── .errors          every FieldError at once, in the order of the file
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from shared.errors import Unprocessable

MAX_SHOWN = (
    60  # characters of a wrong value: enough to find it in the file, short enough for a receipt
)
MAX_INT = 10**300  # Python refuses to write out more than 4,300 digits; the largest float has 309
MAX_ERRORS = 20  # a receipt is read by a person; a list of 100,000 wrong topics is one mistake
MAX_SEARCHED = (
    2_000  # characters of a value that are looked through for secrets; at most 60 of them are shown
)

_OPAQUE = re.compile(
    r"[A-Za-z0-9+/=;]{40,}"
)  # base64, as in `secured`; where a line break is lost it is elsewhere


@dataclass(frozen=True)
class FieldError:
    """One thing that is wrong: where (`images[0].url`, `front matter`, `file`; 1-based line), and a sentence."""

    field: str
    line: int | None
    message: str

    def __str__(self) -> str:
        place = self.field if self.line is None else f"{self.field} (line {self.line})"
        return f"{place}: {self.message}"


class SeedError(Unprocessable):
    """The seed breaks the format. Consequence: reject the record, for the same bytes fail the same way every time.

    `errors` is never empty and never shows a value of `secured`.
    """

    def __init__(self, errors: Sequence[FieldError]) -> None:
        self.errors = _limited(sorted(errors, key=lambda error: error.line or 0))
        super().__init__("; ".join(map(str, self.errors)))


def found(value: object) -> str:
    """*value* in words, shortened: `the number 5`, `the text "39"`, `a list`, `nothing`."""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case int() if abs(value) > MAX_INT:
            return "a number of more than 300 digits"
        case int() | float():
            return f"the number {shortened(str(value))}"
        case str():
            return f'the text "{shortened(value)}"' if value else "empty text"
        case list():
            return "a list"
        case dict():
            return "a block of fields"
        case _:
            return f"a value of another kind ({type(value).__name__})"


def shortened(text: str) -> str:
    """One printable line of at most `MAX_SHOWN` characters, without what may be a secret that lost its name."""
    shown = _OPAQUE.sub("…", text[:MAX_SEARCHED])
    line = "".join(char if char.isprintable() else " " for char in shown[: MAX_SHOWN + 1])
    return line if len(line) <= MAX_SHOWN else f"{line[: MAX_SHOWN - 1]}…"


def _limited(errors: list[FieldError]) -> list[FieldError]:
    more = len(errors) - MAX_ERRORS
    if more <= 0:
        return errors
    return [*errors[:MAX_ERRORS], FieldError("file", None, f"{more:,} more errors are not listed.")]
