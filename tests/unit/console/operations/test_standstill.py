"""What `status` says of work that stands still."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.console.actions.operations.standstill import find_standstills, format_duration
from shared.store import Heartbeat

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
AGO = NOW - timedelta(minutes=4, seconds=10)
HEARTBEAT = Heartbeat("images-1", "images", "host", 1, "working", NOW, handled_at=NOW)


def describe(heartbeat: Heartbeat, state: str = "working", **lags: int) -> list[str]:
    found = find_standstills([(heartbeat, state)], lags, NOW)
    return [standstill.sentence for standstill in found]


def test_a_process_that_has_waited_for_minutes_stands_still():
    waiting = replace(HEARTBEAT, waits_for="Kafka: it does not answer", waits_since=AGO)
    assert describe(waiting, "waiting", images=3) == [
        "images (images-1) has stood still for 4 min: it waits for Kafka: it does not answer"
    ]


def test_a_process_that_waits_for_seconds_does_not():
    since = NOW - timedelta(seconds=20)
    assert describe(replace(HEARTBEAT, waits_for="Kafka", waits_since=since), "waiting") == []


def test_a_process_that_handles_nothing_although_records_wait_stands_still():
    assert describe(replace(HEARTBEAT, lag=1500, handled_at=AGO)) == [
        "images (images-1) has handled nothing for 4 min, although 1,500 records wait"
    ]
    assert describe(replace(HEARTBEAT, lag=0, handled_at=AGO)) == []


def test_records_of_a_service_without_a_process_stand_still():
    assert describe(HEARTBEAT, "lost", **{"images.fetch": 2, "images": 1}) == [
        "3 records wait for images, of which no process works"
    ]
    assert describe(HEARTBEAT, "halted", ingest=1) == [
        "1 record waits for ingest, of which no process works"
    ]
    assert describe(HEARTBEAT, "working", images=5) == []


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (59, "59 s"),
        (60, "1 min"),
        (7199, "1 h"),
        (7200, "2 h"),
        (90_000, "25 h"),
        (172_800, "2 days"),
    ],
)
def test_durations_are_given_in_the_largest_unit_that_fits(seconds: int, text: str):
    assert format_duration(timedelta(seconds=seconds)) == text
