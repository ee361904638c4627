"""What stands still for minutes is a breach; what is under way is not."""

import os
import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from services.console.audit.breaches import Breach, Promise
from services.console.audit.checks.overdue import reclassify_by_age
from shared.store import Heartbeat

GRACE = timedelta(seconds=120)
IDLE = {"ingest": 0, "images": 0, "images.fetch": 0, "related": 0, "publishing": 0}


class FakeStore:
    """Nothing waits in it; it has the heartbeats that are added to it."""

    def __init__(self) -> None:
        self.heartbeats: list[Heartbeat] = []
        self.workers = self.neighbourhoods = self

    async def list_heartbeats(self) -> list[Heartbeat]:
        return self.heartbeats

    async def count_dirty(self) -> int:
        return 0

    async def get_dirty_since(self) -> None:
        return None


def ago(seconds: float) -> datetime:
    return datetime.now(UTC) - timedelta(seconds=seconds)


def make_heartbeat(state: str = "working", **fields: Any) -> Heartbeat:
    host = socket.gethostname()
    heartbeat = Heartbeat("ingest-1", "ingest", host, os.getpid(), state, ago(1), handled_at=ago(1))
    return replace(heartbeat, **fields)


async def find(*heartbeats: Heartbeat, lag: int = 0) -> list[Breach]:
    store: Any = FakeStore()
    store.heartbeats += heartbeats
    found = await reclassify_by_age([], store, IDLE | {"ingest": lag}, GRACE)
    return [breach for breach in found if not breach.pending]


async def test_a_process_that_works_is_no_breach_however_much_waits_for_it():
    assert await find(make_heartbeat(lag=5_000), lag=5_000) == []


async def test_a_process_that_has_waited_for_long_is_one_and_says_for_what():
    waiting = make_heartbeat(
        "waiting",
        waits_for="a batch",
        waits_since=ago(130),
        note="12 records from seeds/2/117 on takes long",
        lag=12,
    )
    (breach,) = await find(waiting, lag=12)
    assert breach.promise is Promise.DECIDED
    assert "stood still for 2 min: it waits for a batch (12 records from seeds/2" in breach.sentence


async def test_a_process_that_has_waited_briefly_is_none():
    assert await find(make_waiting(waits_since=ago(60)), lag=3) == []


async def test_a_lost_process_is_none_since_others_take_its_work_over():
    assert await find(make_waiting(at=ago(60)), lag=3) == []


async def test_a_failed_process_is_none_since_its_successor_reports():
    assert await find(make_waiting(state="failed"), lag=3) == []


def make_waiting(**changes: Any) -> Heartbeat:
    """A process that has waited for Kafka for long, but for *changes*."""
    waiting = make_heartbeat("waiting", waits_for="Kafka", waits_since=ago(130))
    return replace(waiting, **changes)


async def test_a_process_that_handles_nothing_although_records_wait_is_one():
    (breach,) = await find(make_heartbeat(lag=7, handled_at=ago(200)), lag=7)
    assert "has handled nothing for 3 min, although 7 records wait" in breach.sentence


async def test_a_halted_service_for_which_records_wait_is_one():
    halted = make_heartbeat("halted", note="1000 invalid records in a row")
    (breach,) = await find(halted, lag=4)
    assert breach.sentence == (
        "ingest has halted, and 4 records wait for it: 1000 invalid records in a row"
    )
    assert await find(halted) == []
    another = make_heartbeat(instance="ingest-2")
    assert await find(halted, another, lag=4) == []
