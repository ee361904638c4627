"""The handler, the sweep, and what a new cluster gets."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from services.publishing.deciding.reconciler import Reconciler
from services.publishing.deciding.rules import Rules
from services.publishing.handlers import PublishingHandler
from shared.errors import StoreUnavailable, UnprocessableRecord
from shared.events.topics import PUBLISHED_LOG, PUBLISHED_STATE
from tests.unit.publishing.enriched_records import make_records, read_log, read_woken
from tests.unit.publishing.memory_store import NOW, MemoryStore, make_article


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
    return PublishingHandler(Reconciler(Rules(), clock), clock, overdue_seconds=30)


async def test_a_good_article_is_published_in_log_and_state(publishing, store):
    store.add(make_article("a", 80))
    events = await publishing.handle(make_records("a", "a"), store)
    assert [event.topic for event in events] == [PUBLISHED_STATE, PUBLISHED_LOG]
    assert read_log(events) == [("a", 1, "article.published")]
    assert "decision" not in store.stored_articles["a"].pending


async def test_an_article_that_a_stage_works_on_is_left_waiting(publishing, store):
    store.add(make_article("a", 80, pending=frozenset({"images", "decision"})))
    assert await publishing.handle(make_records("a"), store) == []
    assert store.stored_decisions == {}
    assert "decision" in store.stored_articles["a"].pending


async def test_a_relative_that_a_stage_works_on_counts(publishing, store):
    unfinished = make_article("b", 90, pending=frozenset({"images", "decision"}))
    store.add(make_article("a", 80), unfinished)
    store.link("a", "b")
    assert await publishing.handle(make_records("a"), store) == []
    assert store.stored_decisions["a"].lead == "b"


async def test_an_article_that_is_not_in_the_store_is_skipped(publishing, store):
    assert await publishing.handle(make_records("nowhere"), store) == []


async def test_a_record_that_is_no_article_event_is_rejected(publishing, store):
    (record,) = make_records("a")
    with pytest.raises(UnprocessableRecord):
        await publishing.handle([replace(record, value=b"hello")], store)


async def test_both_articles_of_a_batch_know_who_leads(publishing, store):
    store.add(make_article("a", 80), make_article("b", 60))
    store.link("a", "b")
    events = await publishing.handle(make_records("a", "b"), store)
    assert read_log(events) == [("a", 1, "article.published")]
    assert read_woken(events) == []
    assert store.stored_decisions["b"].inputs["holders"] == ["a"]


async def test_a_lead_that_changes_wakes_the_relatives_that_saw_the_old_one(publishing, store):
    store.add(make_article("a", 80), make_article("b", 60), make_article("c", 90))
    store.link("a", "b")
    await publishing.handle(make_records("a", "b"), store)
    store.link("a", "c")
    events = await publishing.handle(make_records("a"), store)
    assert read_woken(events) == ["b"]
    assert store.stored_articles["b"].touches == 2
    assert dict(events[-1].headers)["ce_id"] == b"b.publishing.a.v1.d2.to.v1"


async def test_a_lead_that_stays_wakes_nobody(publishing, store):
    store.add(make_article("a", 80), make_article("b", 60))
    store.link("a", "b")
    await publishing.handle(make_records("a", "b"), store)
    assert read_woken(await publishing.handle(make_records("a", "b"), store)) == []


async def test_a_store_that_never_lets_a_decision_stand_is_unavailable(publishing, store):
    async def lose(writes):
        return [False for _ in writes]

    store.add(make_article("a", 80))
    store.decisions.save = lose
    with pytest.raises(StoreUnavailable):
        await publishing.handle(make_records("a"), store)


class TestTheSweep:
    async def test_it_wakes_what_waits_for_a_decision_unless_a_stage_works_on_it(
        self, publishing, store
    ):
        unfinished = make_article("b", 80, pending=frozenset({"related", "decision"}))
        store.add(make_article("a", 80), unfinished)
        events = await publishing.sweep(store)
        assert read_woken(events) == ["a"]
        assert store.stored_decisions == {}

    async def test_it_wakes_articles_whose_announcement_is_overdue(self, publishing, store, clock):
        store.add(make_article("a", 80))
        events = await publishing.handle(make_records("a"), store)
        clock.forward(29)
        assert await publishing.sweep(store) == []
        clock.forward(2)
        assert read_woken(await publishing.sweep(store)) == ["a"]
        assert await publishing.handle(make_records("a"), store) == events


async def resend(publishing, store):
    return [event async for page in publishing.resend(store) for event in page]


class TestANewCluster:
    async def test_it_gets_the_latest_revision_with_the_same_id_and_bytes(self, publishing, store):
        store.add(make_article("a", 80))
        events = await publishing.handle(make_records("a"), store)
        store.mark_announced({"a": 1})
        assert await resend(publishing, store) == events

    async def test_it_gets_retractions_too(self, publishing, store):
        store.add(make_article("a", 80))
        await publishing.handle(make_records("a"), store)
        store.add(make_article("a", 60, version=2))
        await publishing.handle(make_records("a"), store)
        store.mark_announced({"a": 2})
        state, log = await resend(publishing, store)
        assert (json.loads(log.value)["revision"], state.value) == (2, None)

    async def test_it_gets_unannounced_revisions_in_order(self, publishing, store):
        store.add(make_article("a", 80))
        await publishing.handle(make_records("a"), store)
        store.add(make_article("a", 90, version=2))
        await publishing.handle(make_records("a"), store)
        assert read_log(await resend(publishing, store)) == [
            ("a", 1, "article.published"),
            ("a", 2, "article.updated"),
        ]

    async def test_it_gets_nothing_for_articles_that_were_never_published(self, publishing, store):
        store.add(make_article("a", 60))
        await publishing.handle(make_records("a"), store)
        assert await resend(publishing, store) == []

    async def test_articles_that_wait_for_a_decision_are_woken(self, publishing, store):
        store.add(make_article("a", 80))
        assert read_woken(await resend(publishing, store)) == ["a"]
