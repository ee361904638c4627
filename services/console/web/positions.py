"""Where the next page of a list begins, as a link carries it. Nothing: at the beginning.

What no page wrote is answered with 422.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from starlette.exceptions import HTTPException

from shared.store import ActPosition, Position

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def write_position(position: Position) -> str:
    """In a list of articles. For example `86.1772452800000000.a2r5kqx6tqhcl4xzr6wpo`."""
    return f"{position.heat}.{_write_time(position.published_at)}.{position.article_id}"


def read_position(text: str) -> Position | None:
    """Raises HTTPException (422)."""
    if not text:
        return None
    try:
        heat, micros, article_id = text.split(".", 2)
        return Position(int(heat), _read_time(micros), article_id)
    except (ValueError, OverflowError) as error:
        raise HTTPException(422, "this is no place in the list: begin at its first page") from error


def write_act_position(position: ActPosition) -> str:
    """In the log."""
    return f"{_write_time(position.at)}.{position.act_id}"


def read_act_position(text: str) -> ActPosition | None:
    """Raises HTTPException (422)."""
    if not text:
        return None
    try:
        micros, act_id = text.split(".", 1)
        return ActPosition(_read_time(micros), act_id)
    except (ValueError, OverflowError) as error:
        raise HTTPException(422, "this is no place in the log: begin at its first page") from error


def _write_time(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)


def _read_time(micros: str) -> datetime:
    return _EPOCH + timedelta(microseconds=int(micros))
