"""What the published topics say, from records written by hand."""

import json
from datetime import UTC, datetime

import pytest

from services.console.audit.breaches import Promise
from services.console.audit.topics.published_topics import (
    MAX_SKIP,
    PublishedLog,
    PublishedState,
    format_ranges,
)
from shared.broker.records import Record
from shared.events.cloud_event import build_event_type
from shared.events.topics import PUBLISHED_LOG, PUBLISHED_STATE

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)

UPDATED = ("ce_type", b"io.seedwire.article.updated.v1")


class Topic:
    """Numbers the records that are written to it."""

    def __init__(self, name: str, add) -> None:
        self.name, self.add, self.offset = name, add, 0

    def __call__(
        self, article: str, revision: int, title: str = "", partition: int = 0, **changed
    ) -> None:
        value = json.dumps({"id": article, "revision": revision, "title": title}).encode()
        kind = changed.pop("kind", "article.updated")
        ending = ".tombstone" if kind == "article.removed" else ""
        event_id, event_type = f"{article}.{revision}{ending}", build_event_type(kind)
        headers = (("ce_id", event_id.encode()), ("ce_type", event_type.encode()))
        record = {"key": article.encode(), "value": value, "headers": headers} | changed
        self.add(Record("c", self.name, partition, self.offset, NOW, **record))
        self.offset += 1


@pytest.fixture
def log() -> PublishedLog:
    return PublishedLog()


@pytest.fixture
def write(log: PublishedLog) -> Topic:
    return Topic(PUBLISHED_LOG, log.add)


def faults(log: PublishedLog) -> list[tuple[Promise, str, int]]:
    return [(breach.promise, breach.article_id, breach.where.offset) for breach in log.breaches]


class TestTheLog:
    def test_revisions_in_order_are_in_order(self, log, write):
        for revision in (1, 2, 3):
            write("a", revision)
            write("b", revision)
        assert faults(log) == []
        assert log.histories.keys() == {"a", "b"}
        for history in log.histories.values():
            assert (history.first, history.last, history.find_gaps()) == (1, 3, [])

    def test_a_repeat_changes_nothing(self, log, write):
        for revision in (1, 2, 1, 2, 3, 1):
            write("a", revision)
        assert faults(log) == []
        assert log.histories["a"].last == 3

    @pytest.mark.parametrize(
        "changed",
        [
            {"title": "other"},
            {"headers": (("ce_id", b"a.1"), UPDATED, ("x", None))},
        ],
    )
    def test_one_id_has_one_content(self, log, write, changed):
        write("a", 1)
        write("a", 1, **changed)
        assert faults(log) == [(Promise.SAME_BYTES, "a", 1)]

    def test_a_gap_that_is_filled_later_is_out_of_order(self, log, write):
        write("a", 1)
        write("a", 4)
        write("a", 2)
        assert log.histories["a"].find_gaps() == [3]
        assert faults(log) == [(Promise.ORDER, "a", 2)]

    def test_a_revision_before_the_first_is_out_of_order(self, log, write):
        write("a", 3)
        write("a", 1)
        assert (log.histories["a"].first, log.histories["a"].find_gaps()) == (1, [2])
        assert faults(log) == [(Promise.ORDER, "a", 1)]
        assert log.histories["a"].newest.revision == 3

    def test_order_is_not_checked_between_partitions(self, log, write):
        write("a", 2)
        write("a", 1, partition=1)
        assert faults(log) == []

    def test_the_checkpoint_is_the_last_revision_before_the_store_is_read(self, log, write):
        write("a", 1)
        log.take_checkpoint()
        write("a", 2)
        write("b", 1)
        histories = log.histories.values()
        assert [(history.checkpoint, history.last) for history in histories] == [(1, 2), (0, 1)]

    @pytest.mark.parametrize(
        "changed",
        [
            {"key": None},
            {"key": b"b"},
            {"headers": ()},
            {"headers": (("ce_id", b"a.0"), UPDATED)},
            {"headers": (("ce_id", b"a.x"), UPDATED)},
            {"headers": (("ce_id", b"a.1"), ("ce_type", b"io.seedwire.article.burnt.v1"))},
            {"headers": (("ce_id", b"\xff.1"), ("ce_type", None))},
            {"value": b"{"},
            {"value": b"[1]"},
            {"value": b"[" * 100_000},
            {"headers": (("ce_id", b"a." + b"9" * 5000), UPDATED)},
            {"value": b'{"id": "a", "revision": 2}'},
            {"value": None},
        ],
    )
    def test_a_record_of_no_service_is_a_breach_and_is_ignored(self, log, write, changed):
        write("a", 1, **changed)
        assert [breach.promise for breach in log.breaches] == [Promise.OURS]
        assert log.histories == {}

    def test_a_forged_number_costs_no_memory(self, log, write):
        write("a", 1)
        write("a", MAX_SKIP * 10**6)
        assert faults(log) == [(Promise.OURS, "a", 1)]
        assert log.histories["a"].last == 1


class TestTheState:
    def test_the_last_record_of_a_key_is_its_state(self):
        state = PublishedState()
        write = Topic(PUBLISHED_STATE, state.add)
        write("a", 1)
        write("b", 1)
        write("a", 2, value=None, kind="article.removed")
        latest = state.latest.values()
        assert [(record.revision, record.is_tombstone) for record in latest] == [
            (2, True),
            (1, False),
        ]
        write("a", 1)
        assert state.latest["a"].revision == 1
        assert state.breaches == []


def test_ranges_are_formatted_for_people():
    assert format_ranges([7, 1, 3, 4, 5]) == "1, 3 to 5, 7"
    assert format_ranges([]) == ""
