"""How values are kept in columns: times as microseconds, whatever has parts as JSON."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def to_micros(time: datetime) -> int:
    """Microseconds since 1970, exact."""
    return (time - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    return _EPOCH + micros * _MICROSECOND


def to_optional_micros(time: datetime | None) -> int | None:
    return None if time is None else to_micros(time)


def from_optional_micros(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)


def to_sql_limit(limit: int | None) -> int:
    """None is no limit, which is -1 in SQLite."""
    return -1 if limit is None else limit


def to_json_array(ids: Iterable[str]) -> str:
    """Ids as `json_each` takes them."""
    return json.dumps([*ids])


def to_json(value: Any) -> str:
    """As text, faster than the standard library: linking writes and asks most of all."""
    return orjson.dumps(value).decode()
