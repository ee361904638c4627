"""What wakes the process that announces a story."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from shared.broker.records import Event, Record
from shared.events.article_events import build_article_enriched, read_article_ids
from shared.events.stories.story_wake_ups import (
    OverduePauses,
    StoryWakeUpFilter,
    build_story_wake_ups,
    is_story_wake_up,
    read_story_ids,
)
from shared.events.topics import ENRICHED
from shared.store import StoryEvent
from shared.trace_context import begin_trace

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
TRACE = begin_trace("a drop")
VERSIONS = [StoryEvent("sa1", version, "joined", NOW, b"{}", TRACE) for version in (1, 3, 2)]
OTHER = StoryEvent("sb1", 1, "created", NOW, b"{}")


def to_record(event: Event) -> Record:
    return Record("c", ENRICHED, 0, 0, NOW, event.key, event.value, event.headers)


def test_a_story_is_woken_once_for_its_latest_version():
    events = build_story_wake_ups([*VERSIONS, OTHER])
    assert [event.id for event in events] == ["sa1.3.changed", "sb1.1.changed"]
    assert [(event.topic, event.key) for event in events] == [
        (ENRICHED, b"sa1"),
        (ENRICHED, b"sb1"),
    ]
    assert read_story_ids([to_record(event) for event in [*events, *events]]) == ["sa1", "sb1"]


def test_it_has_the_time_and_the_trace_of_that_version():
    (event,) = build_story_wake_ups(VERSIONS)
    assert event.header("ce_time") == "2026-03-02T12:00:00Z"
    assert event.header("traceparent") == TRACE.traceparent


def test_a_wake_up_of_a_sweep_is_an_event_of_its_own():
    (event,) = build_story_wake_ups([OTHER], woken_at=NOW)
    assert event.id == "sb1.1.changed.at20260302T120000.000000"


def test_a_publishing_of_an_older_version_takes_it_for_an_article():
    (event,) = build_story_wake_ups([OTHER])
    assert read_article_ids([to_record(event)]) == ["b1"]


def test_one_process_returns_a_wake_up_once_and_everything_else_always():
    wake_ups = StoryWakeUpFilter()
    enriched = build_article_enriched("a1", "related", "a1.v1.t1")
    first, later = build_story_wake_ups(VERSIONS[:1]), build_story_wake_ups(VERSIONS)
    assert not is_story_wake_up(enriched)
    assert wake_ups.select([enriched, *first]) == [enriched, *first]
    assert wake_ups.select([enriched, *first]) == [enriched]
    assert wake_ups.select([*first, *later]) == later
    assert StoryWakeUpFilter().select(first) == first


class TestOverduePauses:
    def test_the_pause_between_two_sweeps_wake_ups_grows_to_ten_minutes(self):
        pauses = OverduePauses(timedelta(seconds=30))
        moments = [NOW + timedelta(seconds=15 * number) for number in range(240)]
        woken = [at for at in moments if pauses.select([OTHER], at)]
        seconds = [(later - at).total_seconds() for at, later in pairwise(woken)]
        assert seconds == [30, 60, 120, 240, 480, 600, 600, 600, 600]

    def test_another_version_is_woken_at_once(self):
        pauses = OverduePauses(timedelta(seconds=30))
        assert pauses.select(VERSIONS[:1], NOW) == VERSIONS[:1]
        assert pauses.select(VERSIONS, NOW) == VERSIONS[1:]

    def test_a_version_that_was_not_overdue_in_between_is_woken_at_once(self):
        pauses = OverduePauses(timedelta(seconds=30))
        pauses.select([OTHER], NOW)
        pauses.select([], NOW)
        assert pauses.select([OTHER], NOW) == [OTHER]
