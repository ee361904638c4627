"""Random small histories, each dropped in two orders: what they end with, and what always holds."""

import asyncio
import os
import random
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.enrichment.related.main import build_handler
from services.enrichment.related.settings import RelatedSettings
from services.enrichment.related.stream import recompute_all
from shared.article import Article, render_seed
from shared.broker.records import Record
from shared.events.article_events import build_article_ingested
from shared.store import ArticleWrite, Link, Store, StoredArticle, connect

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
class Outcome:
    """The links with their scores, and the members of each story, once nothing is dirty."""

    links: dict[tuple[str, str], float]
    stories: set[frozenset[str]]


@dataclass(frozen=True)
class Run:
    """A history, the size of its batches, and whether every batch is delivered twice."""

    history: list[Drop]
    batch: int
    is_repeated: bool = False


titles = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)
drops = st.builds(Drop, st.integers(0, 9), titles, st.integers(0, 200))


def shuffle(history: list[Drop], seed: int) -> list[Drop]:
    """Shuffle the drops, but keep the order of those of one article."""
    chance = random.Random(seed)
    numbers = [drop.number for drop in history]
    chance.shuffle(numbers)
    remaining: dict[int, list[Drop]] = {}
    for drop in history:
        remaining.setdefault(drop.number, []).append(drop)
    return [remaining[number].pop(0) for number in numbers]


async def play(run: Run, store: Store) -> Outcome:
    handler = build_handler(RelatedSettings())
    for start in range(0, len(run.history), run.batch):
        batch = run.history[start : start + run.batch]
        records = [await save(drop, store) for drop in batch]
        for _ in range(2 if run.is_repeated else 1):
            await handler.handle(records, store)
    await recompute_all(handler, store)
    return await load_outcome(store)


async def save(drop: Drop, store: Store) -> Record:
    name = f"a{drop.number}"
    url, at = f"https://paper.example/{name}", MONDAY + timedelta(hours=drop.hours)
    seed = render_seed(Article(title=drop.title, published_date_time=at, web_url=url))
    article = StoredArticle(name, seed, 1, (url,), at, at)
    known = (await store.articles.get([name])).get(name)
    version = known.version if known else 0
    await store.articles.save([ArticleWrite(replace(article, version=version + 1), version)])
    event = build_article_ingested(article)
    return Record("c", "articles.ingested", 0, 0, at, event.key, event.value, event.headers)


async def load_outcome(store: Store) -> Outcome:
    ids = [article.id for article in await store.articles.list_page()]
    links = await store.links.get(ids)
    assert_links_have_two_ends(links)
    story_of = await store.stories.get_story_ids(ids)
    assert story_of.keys() == set(ids), "every article is in a story"
    members = await store.stories.get_members(set(story_of.values()))
    await assert_snapshots_are_current(members, store)
    counts = await store.articles.counts()
    assert counts["related"] == 0, "no article waits for the stage any more"
    scores: dict[tuple[str, str], float] = {}
    for article_links in links.values():
        for link in article_links:
            scores[link.a, link.b] = link.score
    return Outcome(scores, set(members.values()))


def assert_links_have_two_ends(links: dict[str, list[Link]]) -> None:
    for article_id, article_links in links.items():
        for link in article_links:
            assert link in links[link.other(article_id)]


async def assert_snapshots_are_current(members: dict[str, frozenset[str]], store: Store) -> None:
    for story in await store.stories.list_page():
        assert frozenset(story.members) == members.get(story.id, frozenset())
        assert bool(story.superseded_by) == (not story.members)


def play_all(*runs: Run) -> list[Outcome]:
    async def play_each() -> list[Outcome]:
        outcomes: list[Outcome] = []
        with tempfile.TemporaryDirectory() as folder:
            for number, run in enumerate(runs):
                store = connect(f"sqlite:///{Path(folder) / str(number)}?synchronous=normal")
                await store.open()
                outcomes.append(await play(run, store))
                await store.close()
        return outcomes

    return asyncio.run(play_each())


def is_same(a: Outcome, b: Outcome) -> bool:
    return a.stories == b.stories and a.links == pytest.approx(b.links, abs=1e-3)


@settings(max_examples=HISTORIES)
@given(st.lists(drops, min_size=2, max_size=14), st.integers(0, 99), st.integers(1, 5))
def test_the_outcome_depends_on_no_order_and_no_repetition(
    history: list[Drop], seed: int, batch: int
):
    first, shuffled, repeated = play_all(
        Run(history, 14), Run(shuffle(history, seed), batch), Run(history, batch, is_repeated=True)
    )
    assert is_same(first, shuffled)
    assert is_same(first, repeated)


def test_an_article_dropped_again_with_another_title_is_linked_again():
    comets = [Drop(number, "comet vaskel tremor", 2 * number) for number in range(3)]
    history = [*comets, Drop(1, "barley salt", 2), Drop(4, "barley salt", 3)]
    (outcome,) = play_all(Run(history, 1))
    assert outcome.links.keys() == {("a0", "a2"), ("a1", "a4")}
    assert outcome.stories == {frozenset({"a0", "a2"}), frozenset({"a1", "a4"})}


def test_an_article_is_not_found_by_words_that_it_no_longer_has():
    history = [Drop(0, "quake bridge", 0), Drop(1, "tremor bridge", 1), Drop(1, "tremor", 1)]
    one_by_one, at_once = play_all(Run(history, 1), Run(history, 3))
    assert one_by_one.links == at_once.links == {}


def test_shuffled_drops_of_an_article_keep_their_order():
    history = [Drop(number % 3, str(number), 0) for number in range(12)]
    for seed in range(5):
        shuffled = sorted(shuffle(history, seed), key=lambda drop: drop.number)
        for _, group in groupby(shuffled, key=lambda drop: drop.number):
            order = [int(drop.title) for drop in group]
            assert order == sorted(order)
