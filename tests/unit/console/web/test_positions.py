"""A link to the next page of a list leads to the place that it was made of."""

from datetime import UTC, datetime

import pytest
from starlette.exceptions import HTTPException

from services.console.web.positions import (
    read_act_position,
    read_position,
    write_act_position,
    write_position,
)
from shared.store import ActPosition, Position

AT = datetime(2026, 2, 28, 9, 30, 0, 123_456, tzinfo=UTC)


@pytest.mark.parametrize("heat", [-1, 0, 126])
def test_a_place_in_a_list_is_read_as_it_was_written(heat: int):
    position = Position(heat, AT, "a2r5kqx6tqhcl4xzr6wpo")
    assert read_position(write_position(position)) == position


def test_a_place_in_the_log_is_read_as_it_was_written():
    position = ActPosition(AT, "an.id-with_marks")
    assert read_act_position(write_act_position(position)) == position


def test_no_place_is_the_beginning():
    assert read_position("") is None
    assert read_act_position("") is None


@pytest.mark.parametrize("text", ["x", "1.2", "a.1.b", "1.x.b", "1.99999999999999999999.b"])
def test_what_no_page_of_a_list_wrote_is_refused(text: str):
    with pytest.raises(HTTPException) as caught:
        read_position(text)
    assert caught.value.status_code == 422


@pytest.mark.parametrize("text", ["x", "x.b", "99999999999999999999.b"])
def test_what_no_page_of_the_log_wrote_is_refused(text: str):
    with pytest.raises(HTTPException) as caught:
        read_act_position(text)
    assert caught.value.status_code == 422
