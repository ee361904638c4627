"""Random small histories, each dropped in two orders: what they end in, and what holds on the way."""

import asyncio
import os
import random
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.enrichment.related.main import related
from services.enrichment.related.settings import RelatedSettings
from services.enrichment.related.stream import settle
from shared.article import Article, render
from shared.broker.records import Record
from shared.events.catalogue import ingested
from shared.store import Save, Store, StoredArticle, connect

HISTORIES = int(os.environ.get("SEEDWIRE_TEST_HISTORIES", "20"))
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
WORDS = [
    "comet",
    "vaskel",
    "dock",
    "strike",
    "crane",
    "harbour",
    "quake",
    "tremor",
    "minister",
    "vote",
    "goal",
    "cup",
    "bridge",
    "cable",
    "barley",
    "salt",
]


@dataclass(frozen=True)
class Drop:
    number: int
    title: str
    hours: int


@dataclass(frozen=True)
class End:
    """What is left once all has settled: links with their scores, stories by their members."""

    links: dict[tuple[str, str], float]
    stories: set[frozenset[str]]


titles = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)
drops = st.builds(Drop, st.integers(0, 9), titles, st.integers(0, 200))


def another_order(history: list[Drop], seed: int) -> list[Drop]:
    """The drops shuffled, those of one article in the order they had."""
    chance = random.Random(seed)
    turns = [drop.number for drop in history]
    chance.shuffle(turns)
    left = {number: [drop for drop in history if drop.number == number] for number in turns}
    return [left[number].pop(0) for number in turns]


async def dropped(history: list[Drop], size: int, store: Store, again: bool = False) -> End:
    """The end of *history* in batches of *size*; *again*: every batch is delivered twice."""
    worker = related(RelatedSettings())
    for start in range(0, len(history), size):
        records = [await kept(drop, store) for drop in history[start : start + size]]
        for _ in range(2 if again else 1):
            await worker.handle(records, store)
    await settle(worker, store)
    return await end(store)


async def kept(drop: Drop, store: Store) -> Record:
    name = f"a{drop.number}"
    url, at = f"https://paper.example/{name}", MONDAY + timedelta(hours=drop.hours)
    article = StoredArticle(
        name,
        render(Article(title=drop.title, published_date_time=at, web_url=url)),
        1,
        (url,),
        at,
        at,
    )
    known = (await store.articles.get([name])).get(name)
    expected = known.version if known else 0
    await store.articles.save([Save(replace(article, version=expected + 1), expected)])
    event = ingested(article)
    return Record("c", "articles.ingested", 0, 0, at, event.key, event.value, event.headers)


async def end(store: Store) -> End:
    names = [article.id for article in await store.articles.page()]
    links = await store.relations.links(names)
    for one, found in links.items():
        assert all(link in links[link.other(one)] for link in found), "a link has two ends"
    story = await store.stories.of(names)
    assert story.keys() == set(names), "every article stands in one story"
    members = await store.stories.members(set(story.values()))
    for face in await store.stories.page():
        assert frozenset(face.members) == members.get(face.id, frozenset()), (
            "a story says who stands in it"
        )
        assert bool(face.superseded_by) == (not face.members)
    counts = await store.articles.counts()
    assert counts["related"] == 0, "nothing waits any more"
    every = {(link.a, link.b): link.score for found in links.values() for link in found}
    return End(every, set(members.values()))


def ends(*runs: tuple[list[Drop], int, bool]) -> list[End]:
    async def all_of_them() -> list[End]:
        found = []
        with tempfile.TemporaryDirectory() as folder:
            for number, (history, size, again) in enumerate(runs):
                store = connect(f"sqlite:///{Path(folder) / str(number)}?synchronous=normal")
                await store.open()
                found.append(await dropped(history, size, store, again))
                await store.close()
        return found

    return asyncio.run(all_of_them())


def same(one: End, two: End) -> bool:
    return one.stories == two.stories and one.links == pytest.approx(two.links, abs=1e-3)


@settings(max_examples=HISTORIES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(drops, min_size=2, max_size=14), st.integers(0, 99), st.integers(1, 5))
def test_the_end_depends_on_no_order_and_no_repetition(history: list[Drop], seed: int, size: int):
    first, shuffled, repeated = ends(
        (history, 14, False), (another_order(history, seed), size, False), (history, size, True)
    )
    assert same(first, shuffled)
    assert same(first, repeated)


def test_an_article_dropped_again_with_another_title_is_linked_anew():
    comet = [Drop(number, "comet vaskel tremor", 2 * number) for number in range(3)]
    (after,) = ends(([*comet, Drop(1, "barley salt", 2), Drop(4, "barley salt", 3)], 1, False))
    assert after.links.keys() == {("a0", "a2"), ("a1", "a4")}
    assert after.stories == {frozenset({"a0", "a2"}), frozenset({"a1", "a4"})}


def test_what_was_found_by_words_that_are_gone_is_found_no_more():
    history = [Drop(0, "quake bridge", 0), Drop(1, "tremor bridge", 1), Drop(1, "tremor", 1)]
    one_by_one, at_once = ends((history, 1, False), (history, 3, False))
    assert one_by_one.links == at_once.links == {}


def test_drops_of_an_article_keep_their_order():
    history = [Drop(number % 3, str(number), 0) for number in range(12)]
    for seed in range(5):
        shuffled = sorted(another_order(history, seed), key=lambda drop: drop.number)
        for _, group in groupby(shuffled, key=lambda drop: drop.number):
            order = [int(drop.title) for drop in group]
            assert order == sorted(order)
