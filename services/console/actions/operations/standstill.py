"""What stands still: work that waits although minutes have passed.

A worker that waits for Kafka for a few seconds is no news. One that has waited for minutes, or
handles nothing although records wait for it, needs a person.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.console.counts import format_count
from services.console.sampling.stages import name_service
from shared.store import Heartbeat

STANDSTILL_AFTER: Final = timedelta(minutes=2)
LIVE_STATES: Final = ("starting", "working", "waiting")


@dataclass(frozen=True)
class Standstill:
    """A service, or one process of it (*instance*), that stands still, in a sentence."""

    service: str
    instance: str
    sentence: str


def find_standstills(
    processes: Iterable[tuple[Heartbeat, str]],
    lags: Mapping[str, int],
    at: datetime,
    after: timedelta = STANDSTILL_AFTER,
) -> list[Standstill]:
    """What has stood still for longer than *after*. *processes* are heartbeats with their states.

    *lags* are the records that wait for each input, such as `images.fetch`; without Kafka, none.
    """
    found: list[Standstill] = []
    by_service: dict[str, list[tuple[Heartbeat, str]]] = {}
    for heartbeat, state in processes:
        by_service.setdefault(heartbeat.service, []).append((heartbeat, state))
        sentence = _describe_process(heartbeat, state, at, after)
        if sentence:
            found.append(Standstill(heartbeat.service, heartbeat.instance, sentence))
    for service, lag in _sum_by_service(lags).items():
        states = [state for _, state in by_service.get(service, ())]
        if lag and not any(state in LIVE_STATES for state in states):
            records = format_count(lag, "record waits", "records wait")
            sentence = f"{records} for {service}, of which no process works"
            found.append(Standstill(service, "", sentence))
    return found


def format_duration(duration: timedelta) -> str:
    """In the largest unit that fits: `45 s`, `12 min`, `3 h`, `2 days`."""
    seconds = int(duration.total_seconds())
    for unit, size in (("days", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size or (seconds >= size and unit != "days"):
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _describe_process(
    heartbeat: Heartbeat, state: str, at: datetime, after: timedelta
) -> str | None:
    if state not in LIVE_STATES:
        return None
    name = f"{heartbeat.service} ({heartbeat.instance})"
    waits_since = heartbeat.waits_since
    if heartbeat.waits_for and waits_since is not None and at - waits_since > after:
        waited = format_duration(at - waits_since)
        note = f" ({heartbeat.note})" if heartbeat.note else ""
        return f"{name} has stood still for {waited}: it waits for {heartbeat.waits_for}{note}"
    handled_at = heartbeat.handled_at
    if heartbeat.lag and handled_at is not None and at - handled_at > after:
        idle = format_duration(at - handled_at)
        records = format_count(heartbeat.lag, "record waits", "records wait")
        return f"{name} has handled nothing for {idle}, although {records}"
    return None


def _sum_by_service(lags: Mapping[str, int]) -> dict[str, int]:
    """The lag of each service: that of `images.fetch` is one of images."""
    totals: dict[str, int] = {}
    for stage, lag in lags.items():
        service = name_service(stage)
        totals[service] = totals.get(service, 0) + lag
    return totals
