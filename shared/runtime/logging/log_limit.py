"""Keeps floods of one message out of the log, and says how many it has kept out.

In an outage clients repeat themselves hundreds of times a second. What differs in its cause is no
repeat: four records that are rejected for four reasons are four entries.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

MAX_CAUSES: Final = 20  # different ones of a message that pass in one interval
_MAX_CAUSE_CHARACTERS: Final = 300
_OTHER_CAUSES: Final = "other causes"

_MessageKey = tuple[str, str]  # logger and text, before anything is filled in


@dataclass
class _Interval:
    """What became of one message since *start*: what passed, and how many did not, by cause."""

    start: float
    passed: set[str] = field(default_factory=set)
    dropped: dict[str, "_Dropped"] = field(default_factory=dict)


@dataclass
class _Dropped:
    """Entries that did not pass: how many, and the first of them."""

    count: int
    example: logging.LogRecord


class RateLimit(logging.Filter):
    """Passes a message of a logger once in *seconds* for each cause, and counts what it drops.

    The cause is the exception that comes with the message, or else what is filled into it.
    """

    def __init__(self, seconds: float = 10.0, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._seconds = seconds
        self._clock = clock
        self._intervals: dict[_MessageKey, _Interval] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(record, "is_summary", False):
            return True
        key = (record.name, str(record.msg))
        interval = self._intervals.get(key)
        if interval is None or self._clock() - interval.start >= self._seconds:
            self.report(key)
            interval = self._intervals[key] = _Interval(self._clock())
        cause = _find_cause(record)
        if cause in interval.passed:
            _count(interval, cause, record)
            return False
        if len(interval.passed) >= MAX_CAUSES:
            _count(interval, _OTHER_CAUSES, record)
            return False
        interval.passed.add(cause)
        return True

    def report_ended(self, *, everything: bool = False) -> None:
        """Log how many entries were dropped in each interval that has ended since; or in all."""
        now = self._clock()
        for key, interval in list(self._intervals.items()):
            if everything or now - interval.start >= self._seconds:
                self.report(key)

    def report(self, key: _MessageKey) -> None:
        """Log how many entries of one message were dropped, and forget it."""
        interval = self._intervals.pop(key, None)
        if interval is None:
            return
        for cause, dropped in interval.dropped.items():
            example = dropped.example
            likeness = "of other causes, such as" if cause == _OTHER_CAUSES else "like"
            logging.getLogger(example.name).log(
                example.levelno,
                "%d more entries %s this one: %s",
                dropped.count,
                likeness,
                example.getMessage(),
                extra={"is_summary": True},
            )


def _count(interval: _Interval, cause: str, record: logging.LogRecord) -> None:
    if cause in interval.dropped:
        interval.dropped[cause].count += 1
    else:
        interval.dropped[cause] = _Dropped(1, record)


def _find_cause(record: logging.LogRecord) -> str:
    error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
    if error is not None:
        return f"{type(error).__name__}: {error}"[:_MAX_CAUSE_CHARACTERS]
    return repr(record.args)[:_MAX_CAUSE_CHARACTERS]
