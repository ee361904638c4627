"""Whose trace a revision has: that of the drop that caused it."""

import pytest

from services.publishing.deciding.reconciler import Reconciler
from services.publishing.deciding.rules import Rules
from services.publishing.handlers import PublishingHandler
from shared.broker.records import Record
from shared.events.article_events import build_article_enriched
from shared.events.cloud_event import read_kind
from shared.events.topics import ENRICHED
from shared.trace_context import begin_trace
from tests.unit.publishing.memory_store import NOW, MemoryStore, make_article


class Newsroom:
    def __init__(self):
        self.store = MemoryStore()
        reconciler = Reconciler(Rules(), lambda: NOW)
        self.publishing = PublishingHandler(reconciler, lambda: NOW, overdue_seconds=30)
        self.events = []

    async def decide(self, *names):
        """Returns who is announced: the topic's article, the kind, and the trace."""
        records = []
        for name in names:
            event = build_article_enriched(name, "related", f"{name}.v1")
            records.append(Record("c", ENRICHED, 0, 0, NOW, event.key, event.value, event.headers))
        self.events = await self.publishing.handle(records, self.store)
        announced = []
        for event in self.events:
            if event.topic != ENRICHED:
                traceparent = dict(event.headers)["traceparent"].decode()
                announced.append((event.key.decode(), read_kind(event), traceparent))
        return announced

    def acknowledge(self):
        for name, revisions in self.store.revisions.items():
            self.store.mark_announced({name: revisions[-1].number})


@pytest.fixture
def newsroom():
    return Newsroom()


def trace_of(version):
    return begin_trace(version).traceparent


async def test_an_article_is_published_with_the_trace_of_its_drop(newsroom):
    newsroom.store.add(make_article("a", 80))
    assert await newsroom.decide("a") == [
        ("a", "article.published", trace_of("a.v1")),
        ("a", "article.published", trace_of("a.v1")),
    ]


async def test_a_retraction_has_the_trace_of_the_drop_that_took_the_lead(newsroom):
    newsroom.store.add(make_article("a", 80))
    await newsroom.decide("a")
    newsroom.acknowledge()
    newsroom.store.add(make_article("b", 90))
    newsroom.store.link("a", "b")
    announced = await newsroom.decide("a")
    assert announced == [
        ("a", "article.removed", trace_of("b.v1")),
        ("a", "article.retracted", trace_of("b.v1")),
    ]


async def test_a_new_relative_updates_the_lead_with_its_own_trace(newsroom):
    newsroom.store.add(make_article("a", 80))
    await newsroom.decide("a")
    newsroom.acknowledge()
    newsroom.store.add(make_article("b", 60))
    newsroom.store.link("a", "b")
    assert ("a", "article.updated", trace_of("b.v1")) in await newsroom.decide("a")


async def test_an_article_that_gains_the_lead_has_the_trace_of_the_drop_that_lost_it(newsroom):
    newsroom.store.add(make_article("a", 80), make_article("b", 90))
    newsroom.store.link("a", "b")
    await newsroom.decide("a", "b")
    newsroom.acknowledge()
    newsroom.store.add(make_article("b", 20, version=2))
    await newsroom.decide("b")
    announced = await newsroom.decide("a")
    assert ("a", "article.published", trace_of("b.v2")) in announced


async def test_a_new_version_of_the_article_itself_comes_first(newsroom):
    newsroom.store.add(make_article("a", 80))
    await newsroom.decide("a")
    newsroom.acknowledge()
    newsroom.store.add(make_article("a", 81, version=2), make_article("b", 60))
    newsroom.store.link("a", "b")
    assert ("a", "article.updated", trace_of("a.v2")) in await newsroom.decide("a")


async def test_a_repeat_has_the_same_bytes_whatever_happened_since(newsroom):
    newsroom.store.add(make_article("a", 80))
    await newsroom.decide("a")
    announced_first = newsroom.events
    newsroom.store.add(make_article("b", 60))
    newsroom.store.link("a", "b")
    await newsroom.decide("a")
    assert len(announced_first) == 2
    assert newsroom.events[:2] == announced_first
