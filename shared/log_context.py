"""What the work in hand is about, for every log entry that is written meanwhile."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

_NOTHING: Final[Mapping[str, str]] = {}
_fields: ContextVar[Mapping[str, str]] = ContextVar("log_fields", default=_NOTHING)


@contextmanager
def add_log_fields(fields: Mapping[str, str]) -> Iterator[None]:
    """Log entries of this task, and of those it starts, have *fields* while the block runs."""
    token = _fields.set({**_fields.get(), **fields})
    try:
        yield
    finally:
        _fields.reset(token)


def read_log_fields() -> Mapping[str, str]:
    """The fields that an entry which is written now should have."""
    return _fields.get()
