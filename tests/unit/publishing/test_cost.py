"""How much publishing reads and writes in a story of many articles."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.publishing.announcing.shown_articles import ShownArticles
from services.publishing.deciding.reconciler import Reconciler
from services.publishing.deciding.rules import Rules
from services.publishing.handlers import PublishingHandler
from tests.unit.publishing.enriched_records import make_records, read_woken
from tests.unit.publishing.memory_store import NOW, MemoryStore, make_article

NAMES = [f"a{number:02}" for number in range(30)]


@pytest.fixture
def publishing() -> PublishingHandler:
    return PublishingHandler(Reconciler(Rules(), lambda: NOW), lambda: NOW, 30)


@pytest.fixture
async def store(publishing: PublishingHandler) -> MemoryStore:
    """A story of thirty articles that are decided; `a00` leads."""
    store = MemoryStore()
    for number, name in enumerate(NAMES):
        store.add(make_article(name, 90 - number))
        for other in NAMES[:number]:
            store.link(other, name)
    await publishing.handle(make_records(*NAMES), store.as_store)
    return store


def add_article(store: MemoryStore, name: str, quality: int) -> None:
    store.add(make_article(name, quality))
    for other in NAMES:
        store.link(other, name)


async def test_a_new_article_wakes_the_lead_alone(
    publishing: PublishingHandler, store: MemoryStore
):
    add_article(store, "new", 50)
    stamps = {name: decision.stamp for name, decision in store.stored_decisions.items()}
    assert read_woken(await publishing.handle(make_records("new"), store.as_store)) == ["a00"]
    await publishing.handle(make_records("a00"), store.as_store)
    assert store.stored_decisions["a00"].heat == 90 + 30 * 10
    changed = {
        name
        for name, decision in store.stored_decisions.items()
        if decision.stamp != stamps.get(name)
    }
    assert changed == {"a00", "new"}


async def test_a_new_lead_wakes_all(publishing: PublishingHandler, store: MemoryStore):
    add_article(store, "new", 95)
    events = await publishing.handle(make_records("new"), store.as_store)
    assert sorted(read_woken(events)) == NAMES
    await publishing.handle(make_records(*NAMES), store.as_store)
    assert {decision.lead for decision in store.stored_decisions.values()} == {"new"}


async def test_articles_that_are_looked_at_for_nothing_read_no_relative_and_write_nothing(
    publishing: PublishingHandler, store: MemoryStore
):
    before = dict(store.stored_decisions)
    store.reads = 0
    await publishing.handle(make_records(*NAMES[1:]), store.as_store)
    assert store.reads == len(NAMES) - 1  # themselves, for what they wait for
    assert store.stored_decisions == before


async def test_a_new_version_of_a_relative_is_read_and_shown(
    publishing: PublishingHandler, store: MemoryStore
):
    store.add(make_article("a05", 85, version=2, title="Corrected"))
    assert read_woken(await publishing.handle(make_records("a05"), store.as_store)) == ["a00"]
    await publishing.handle(make_records("a00"), store.as_store)
    latest = store.stored_decisions["a00"].latest
    assert latest is not None
    assert b"Corrected" in latest.data


async def test_an_article_that_was_deleted_and_dropped_again_is_read_and_shown(
    publishing: PublishingHandler, store: MemoryStore
):
    """It counts its versions from 1 again."""
    later = NOW + timedelta(minutes=1)
    returned = make_article("a00", 95, title="Returned")
    store.add(replace(returned, accepted_at=later, changed_at=later))
    await publishing.handle(make_records("a00"), store.as_store)
    decision = store.stored_decisions["a00"]
    assert decision.inputs["quality"] == 95
    assert decision.latest is not None
    assert b"Returned" in decision.latest.data


async def test_what_consumers_see_of_an_article_is_kept_within_bounds():
    articles = [make_article(name, 50) for name in NAMES]
    kept = ShownArticles(max_bytes=100_000)
    for article in articles:
        kept.keep(article)
    store = MemoryStore()
    store.add(*articles)
    found = await kept.load(dict.fromkeys(NAMES, 1), store.as_store)
    titles = [found[name].article_without_related.title for name in NAMES]
    assert titles == [f"Title of {name}" for name in NAMES]
    assert 0 < len(NAMES) - store.reads < 13
