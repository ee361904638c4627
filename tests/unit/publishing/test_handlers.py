"""The handler, the sweep, and what a new cluster gets."""

import json
from datetime import timedelta

import pytest

from services.publishing.handlers import Publishing
from services.publishing.reconciler import Desk
from services.publishing.rules import Rules
from shared.broker.records import Record
from shared.broker.topics import ENRICHED, PUBLISHED_LOG, PUBLISHED_STATE
from shared.errors import StoreAway, Unprocessable
from shared.events.catalogue import enriched
from tests.unit.publishing.memory import NOW, MemoryStore, article


class Clock:
    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now

    def forward(self, seconds):
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store():
    return MemoryStore()


@pytest.fixture
def publishing(clock):
    return Publishing(Desk(Rules(), clock), clock, overdue_seconds=30)


def records(*names, value=None):
    events = [enriched(name, "related", "x.v1") for name in names]
    return [
        Record("c", ENRICHED, 0, n, NOW, e.key, value or e.value, e.headers)
        for n, e in enumerate(events)
    ]


def told(events):
    """What the log gets: (article, revision, kind)."""
    rows = [(e, dict(e.headers)) for e in events if e.topic == PUBLISHED_LOG]
    return [
        (e.key.decode(), json.loads(e.value)["revision"], h["ce_type"].decode()) for e, h in rows
    ]


def woken(events):
    return [e.key.decode() for e in events if e.topic == ENRICHED]


async def test_a_good_article_is_published_in_log_and_state(publishing, store):
    store.add(article("a", 80))
    events = await publishing.handle(records("a", "a"), store)
    assert [event.topic for event in events] == [PUBLISHED_LOG, PUBLISHED_STATE]
    assert told(events) == [("a", 1, "article.published")]
    assert "decision" not in store.kept["a"].pending


async def test_an_article_that_a_stage_works_on_is_left_waiting(publishing, store):
    store.add(article("a", 80, pending=frozenset({"images", "decision"})))
    assert await publishing.handle(records("a"), store) == []
    assert store.decided == {}
    assert "decision" in store.kept["a"].pending


async def test_a_relative_that_a_stage_works_on_counts(publishing, store):
    store.add(article("a", 80), article("b", 90, pending=frozenset({"images", "decision"})))
    store.link("a", "b")
    assert await publishing.handle(records("a"), store) == []
    assert store.decided["a"].lead == "b"


async def test_an_article_that_is_not_in_the_store_is_passed_over(publishing, store):
    assert await publishing.handle(records("nowhere"), store) == []


async def test_a_record_that_is_no_article_event_is_refused(publishing, store):
    with pytest.raises(Unprocessable):
        await publishing.handle(records("a", value=b"hello"), store)


async def test_both_articles_of_a_batch_know_who_leads(publishing, store):
    store.add(article("a", 80), article("b", 60))
    store.link("a", "b")
    events = await publishing.handle(records("a", "b"), store)
    assert told(events) == [("a", 1, "article.published")]
    assert woken(events) == []
    assert store.decided["b"].inputs["holders"] == ["a"]


async def test_a_lead_that_changes_hands_wakes_the_relatives_that_saw_the_old_one(
    publishing, store
):
    store.add(article("a", 80), article("b", 60), article("c", 90))
    store.link("a", "b")
    await publishing.handle(records("a", "b"), store)
    store.link("a", "c")
    events = await publishing.handle(records("a"), store)
    assert woken(events) == ["b"]
    assert store.kept["b"].touches == 2
    assert dict(events[-1].headers)["ce_id"] == b"b.publishing.a.d2"


async def test_a_lead_that_stays_wakes_nobody(publishing, store):
    store.add(article("a", 80), article("b", 60))
    store.link("a", "b")
    await publishing.handle(records("a", "b"), store)
    assert woken(await publishing.handle(records("a", "b"), store)) == []


async def test_a_store_that_never_lets_a_decision_stand_is_away(publishing, store):
    async def lose(verdicts):
        return [False for _ in verdicts]

    store.add(article("a", 80))
    store.decisions.save = lose
    with pytest.raises(StoreAway):
        await publishing.handle(records("a"), store)


class TestTheSweep:
    async def test_it_wakes_what_waits_for_a_decision_unless_a_stage_works_on_it(
        self, publishing, store
    ):
        store.add(article("a", 80), article("b", 80, pending=frozenset({"related", "decision"})))
        events = await publishing.sweep(store)
        assert woken(events) == ["a"]
        assert store.decided == {}

    async def test_it_wakes_what_was_to_be_announced_long_ago(self, publishing, store, clock):
        store.add(article("a", 80))
        events = await publishing.handle(records("a"), store)
        clock.forward(29)
        assert await publishing.sweep(store) == []
        clock.forward(2)
        assert woken(await publishing.sweep(store)) == ["a"]
        assert await publishing.handle(records("a"), store) == events


class TestANewCluster:
    async def test_it_gets_the_latest_revision_with_the_same_id_and_bytes(self, publishing, store):
        store.add(article("a", 80))
        events = await publishing.handle(records("a"), store)
        store._announced({"a": 1})
        assert await publishing.resend(store) == events

    async def test_it_gets_retractions_too(self, publishing, store):
        store.add(article("a", 80))
        await publishing.handle(records("a"), store)
        store.add(article("a", 60, version=2))
        await publishing.handle(records("a"), store)
        store._announced({"a": 2})
        log, state = await publishing.resend(store)
        assert (json.loads(log.value)["revision"], state.value) == (2, None)

    async def test_it_gets_what_is_still_due_in_order(self, publishing, store):
        store.add(article("a", 80))
        await publishing.handle(records("a"), store)
        store.add(article("a", 90, version=2))
        await publishing.handle(records("a"), store)
        assert told(await publishing.resend(store)) == [
            ("a", 1, "article.published"),
            ("a", 2, "article.updated"),
        ]

    async def test_it_gets_nothing_of_articles_that_were_never_published(self, publishing, store):
        store.add(article("a", 60))
        await publishing.handle(records("a"), store)
        assert await publishing.resend(store) == []

    async def test_articles_that_wait_for_a_decision_are_woken(self, publishing, store):
        store.add(article("a", 80))
        assert woken(await publishing.resend(store)) == ["a"]
