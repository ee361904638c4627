"""Marks of pages: `1`, and then whatever `nextPage` of the page before says.

A mark after the first says where the page before ended, so that a page costs the same however many
there are before it, and articles that are published meanwhile move nothing.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, NamedTuple

from pydantic import Field

from shared.store import Position

PATTERN: Final = r"^(1|[1-9][0-9]{0,6}\.-?[0-9]{1,10}\.-?[0-9]{1,18}\.[A-Za-z0-9_-]{1,64})$"

PageMarkText = Annotated[
    str,
    Field(
        pattern=PATTERN,
        description="Which page: 1, or the mark in the nextPage of the page before.",
    ),
]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST: Final = datetime.min.replace(tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class PageMark(NamedTuple):
    """The number of a page, and where the page before ended; None for the first."""

    number: int = 1
    after: Position | None = None

    def next(self, after: Position) -> "PageMark":
        return PageMark(self.number + 1, after)


def parse_page_mark(text: str) -> PageMark:
    """*text* matches PATTERN."""
    if not re.fullmatch(PATTERN, text):
        raise ValueError(f"no mark of a page: {text!r}")
    number, *place = text.split(".")
    if not place:
        return PageMark()
    heat, micros, article_id = place
    return PageMark(int(number), Position(int(heat), _parse_time(int(micros)), article_id))


def format_page_mark(mark: PageMark) -> str:
    if mark.after is None:
        return str(mark.number)
    heat, published_at, article_id = mark.after
    micros = (published_at - _EPOCH) // _MICROSECOND
    return f"{mark.number}.{heat}.{micros}.{article_id}"


def _parse_time(micros: int) -> datetime:
    """Before the first year there is nothing: then no page remains."""
    try:
        return _EPOCH + timedelta(microseconds=micros)
    except OverflowError:
        return _EARLIEST
