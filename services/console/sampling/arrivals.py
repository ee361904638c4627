"""When the records of a partition arrived, as far as an observer can tell.

A producer writes any time stamp it likes. What the observer knows for certain is between which two
looks the end of the partition passed a record: it arrived in that interval. A time stamp within it
says where in it. One outside it is wrong, and the interval's beginning is taken.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Final

MAX_SIGHTINGS: Final = 500  # of a partition; more are thinned out


@dataclass(frozen=True)
class _Sighting:
    """At *seen* the partition had the new end *end*, which it had not at *before*."""

    end: int
    before: datetime
    seen: datetime


@dataclass(frozen=True)
class Arrival:
    """When a record arrived. *is_at_least*: it was there before the first look."""

    at: datetime
    is_at_least: bool


class Arrivals:
    """The arrivals in one partition. Looks come in the order of their times."""

    def __init__(self) -> None:
        self._sightings: list[_Sighting] = []
        self._first_end = 0
        self._last_end = -1
        self._looked_at: datetime | None = None

    def look(self, end: int, committed: int, at: datetime) -> None:
        """Note that the partition has *end*; nothing before *committed* is asked for any more."""
        if end < self._last_end:  # the topic was created again
            self._looked_at = None
            self._sightings.clear()
        if self._looked_at is None:
            self._first_end = end
            self._sightings.append(_Sighting(end, at, at))
        elif end > self._last_end:
            self._sightings.append(_Sighting(end, self._looked_at, at))
        self._last_end, self._looked_at = end, at
        self._forget(committed)

    def find_arrival(self, offset: int, stamp: datetime | None) -> Arrival:
        """When the record at *offset*, which says *stamp* of itself, arrived.

        The offset must be below the end of the last look, and not below its *committed*.
        """
        index = bisect_right(self._sightings, offset, key=attrgetter("end"))
        sighting = self._sightings[index]
        at = sighting.before
        if stamp is not None and sighting.before <= stamp <= sighting.seen:
            at = stamp
        return Arrival(at, is_at_least=offset < self._first_end)

    def _forget(self, committed: int) -> None:
        passed = bisect_right(self._sightings, committed, key=attrgetter("end"))
        del self._sightings[: min(passed, len(self._sightings) - 1)]  # a group may be set back
        if len(self._sightings) > MAX_SIGHTINGS:
            self._thin_out()

    def _thin_out(self) -> None:
        """Join neighbours: of a record is then known less exactly when it arrived."""
        pairs = zip(self._sightings[::2], self._sightings[1::2], strict=False)
        joined = [_Sighting(last.end, first.before, last.seen) for first, last in pairs]
        rest = self._sightings[2 * len(joined) :]
        self._sightings = joined + rest
