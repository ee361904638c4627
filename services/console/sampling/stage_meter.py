"""Turns the standings of one stage, look after look, into what its sample says."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from aiokafka import TopicPartition

from services.console.sampling.arrivals import Arrival, Arrivals
from services.console.sampling.samples import StageSample
from shared.broker.offsets.standings import Standing

RATE_WINDOW: Final = timedelta(minutes=1)

Standings = Mapping[TopicPartition, Standing]


@dataclass(frozen=True)
class _Totals:
    at: datetime
    entered: int
    committed: int


class StageMeter:
    """Measures one stage. Looks come in the order of their times."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._arrivals: dict[TopicPartition, Arrivals] = {}
        self._totals: deque[_Totals] = deque()

    def measure(self, standings: Standings, at: datetime) -> StageSample:
        """The sample of this look, at *at*."""
        for partition, standing in standings.items():
            arrivals = self._arrivals.setdefault(partition, Arrivals())
            arrivals.look(standing.end, standing.next_offset, at)
        waiting = sum(standing.waiting for standing in standings.values())
        oldest = self._find_oldest(standings)
        entered = sum(standing.end for standing in standings.values())
        committed = sum(standing.next_offset for standing in standings.values())
        rates = self._measure_rates(_Totals(at, entered, committed))
        return StageSample(
            name=self._name,
            waiting=waiting,
            oldest_seconds=0.0 if oldest is None else (at - oldest.at).total_seconds(),
            is_oldest_at_least=oldest is not None and oldest.is_at_least,
            in_per_second=rates and rates[0],
            out_per_second=rates and rates[1],
            drain_seconds=_estimate_drain(waiting, rates),
            entered=entered,
            committed=committed,
        )

    def _find_oldest(self, standings: Standings) -> Arrival | None:
        arrivals = []
        for partition, standing in standings.items():
            if standing.waiting:
                place = (standing.next_offset, standing.stamp)
                arrivals.append(self._arrivals[partition].find_arrival(*place))
        return min(arrivals, key=lambda arrival: arrival.at, default=None)

    def _measure_rates(self, totals: _Totals) -> tuple[float, float] | None:
        """Records in and out each second over the window; None without an earlier look."""
        if self._totals and totals.entered < self._totals[-1].entered:
            self._totals.clear()  # the topic was created again
        self._totals.append(totals)
        while totals.at - self._totals[0].at > RATE_WINDOW:
            self._totals.popleft()
        first = self._totals[0]
        seconds = (totals.at - first.at).total_seconds()
        if seconds <= 0:
            return None
        gone = max(0, totals.committed - first.committed)  # an operator may set a group back
        return (totals.entered - first.entered) / seconds, gone / seconds


def _estimate_drain(waiting: int, rates: tuple[float, float] | None) -> float | None:
    if not waiting:
        return 0.0
    if rates is None or rates[1] <= rates[0]:
        return None
    return waiting / (rates[1] - rates[0])
