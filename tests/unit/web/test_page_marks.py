"""Marks of pages: what `nextPage` says comes back as the place where the page ended."""

import re
from datetime import UTC, datetime

import pytest

from services.web.news.page_marks import PATTERN, PageMark, format_page_mark, parse_page_mark
from shared.store import Position

PLACES = [
    Position(96, datetime(2026, 3, 2, 12, 0, 0, 123_456, tzinfo=UTC), "a2r5kqx6tqhcl4xzr6wpo"),
    Position(-1, datetime(1969, 12, 31, tzinfo=UTC), "a-b_c"),
    Position(0, datetime.min.replace(tzinfo=UTC), "a"),
    Position(2**31 - 1, datetime.max.replace(tzinfo=UTC), "z"),
]


@pytest.mark.parametrize("place", PLACES)
def test_a_mark_is_read_as_it_was_written(place: Position):
    mark = PageMark(1).next(place)
    text = format_page_mark(mark)
    assert re.fullmatch(PATTERN, text)
    assert parse_page_mark(text) == PageMark(2, place)


def test_the_first_page_has_the_mark_1():
    assert format_page_mark(PageMark()) == "1"
    assert parse_page_mark("1") == PageMark(1, None)


def test_a_time_before_all_times_is_the_earliest():
    after = parse_page_mark("3.0.-99999999999999999.a").after
    assert after is not None
    assert after.published_at == datetime.min.replace(tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "0", "2", "01", "1.5", "2.1.1", "2.x.1.a", "2.1.1.a/b", "²"])
def test_anything_else_is_no_mark(text: str):
    with pytest.raises(ValueError, match="no mark"):
        parse_page_mark(text)
