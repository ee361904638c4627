"""The part of a picture that a `Range` header asks for."""

import pytest

from services.web.ranges import Unsatisfiable, span


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-9", (0, 9)),
        ("bytes=5-", (5, 99)),
        ("bytes=-10", (90, 99)),
        ("bytes=-1000", (0, 99)),
        ("bytes=90-1000", (90, 99)),
        ("bytes = 0 - 0", (0, 0)),
    ],
)
def test_one_part_is_understood(header: str, part: tuple[int, int]):
    assert span(header, 100) == part


@pytest.mark.parametrize(
    "header", ["", "bytes=-", "bytes=9-5", "bytes=0-1,3-4", "lines=1-2", "bytes=x-y", "bytes=٣-٤"]
)
def test_anything_else_is_all_of_it(header: str):
    assert span(header, 100) is None


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_a_part_that_is_not_there_is_told(header: str):
    with pytest.raises(Unsatisfiable):
        span(header, 100)
