"""Lists of any kind, beside a model that filters and sorts in memory."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from shared.store import Listing, ListingQuery, Store, build_line
from tests.contract.store.article.test_listings import a_seeded_article, decide, save
from tests.contract.store.builders import a_signature

ARTICLES = 60
QUERIES = 40
TOPICS = ("Ports", "AI", "Sea")
WORDS = ("dock", "strike", "harbour", "again")


@dataclass(frozen=True)
class Model:
    """What an article is listed by."""

    article_id: str
    minutes: int
    topics: tuple[str, ...]
    provider: str
    words: tuple[str, ...]
    language: str
    heat: int
    published: bool


def invent(chance: random.Random, number: int) -> Model:
    published = chance.random() < 0.4
    return Model(
        article_id=f"a{number:02}",
        minutes=chance.randrange(6),  # many at the same time
        topics=tuple(chance.sample(TOPICS, chance.randrange(3))),
        provider=chance.choice(("Tide", "Wave")),
        words=tuple(chance.sample(WORDS, 1 + chance.randrange(3))),
        language=chance.choice(("en", "de")),
        heat=chance.randrange(70, 73) if published else -1,
        published=published,
    )


async def write(store: Store, models: Sequence[Model]) -> None:
    for model in models:
        article = a_seeded_article(
            model.article_id,
            " ".join(model.words),
            minutes=model.minutes,
            topics=f"[{', '.join(model.topics)}]",
            provider=model.provider,
        )
        await save(store, article)
        term = "de:x" if model.language == "de" else "x"
        await store.signatures.save([a_signature(model.article_id, terms=(term,))])
        await decide(store, model.article_id, model.heat, model.published)


def invent_query(chance: random.Random) -> ListingQuery:
    search = " ".join(chance.sample(WORDS, chance.choice((0, 0, 1, 2))))
    return ListingQuery(
        is_published=chance.choice((None, True, False)),
        topic=chance.choice(("", "", "ports", "AI")),
        provider=chance.choice(("", "", "tide")),
        language=chance.choice(("", "", "de")),
        search=search,
        order="time" if search else chance.choice(("time", "heat")),
    )


def expect(models: Sequence[Model], query: ListingQuery) -> list[str]:
    found = []
    for model in models:
        topics = {topic.casefold() for topic in model.topics}
        is_listed = (
            query.is_published in (None, model.published)
            and query.topic.casefold() in {"", *topics}
            and query.provider in ("", model.provider.casefold())
            and query.language in ("", model.language)
            and set(query.search.split()) <= set(model.words)
        )
        if is_listed:
            found.append(model)
    by_heat = query.order == "heat"
    found.sort(key=lambda each: (each.heat * by_heat, each.minutes, each.article_id), reverse=True)
    return [model.article_id for model in found]


@pytest.mark.parametrize("seed", [1, 2])
async def test_every_list_is_what_the_model_says_page_by_page(store: Store, seed: int):
    chance = random.Random(seed)
    models = [invent(chance, number) for number in range(ARTICLES)]
    await write(store, models)
    # Some change their minds, and so their places.
    changed = [invent(chance, number) for number in range(0, ARTICLES, 7)]
    for model in changed:
        number = int(model.article_id[1:])
        before = models[number]
        models[number] = Model(**{**vars(before), "heat": model.heat, "published": model.published})
        await decide(store, model.article_id, model.heat, model.published)
    for _ in range(QUERIES):
        query = invent_query(chance)
        size = chance.randrange(1, 9)
        paged: list[Listing] = []
        assert await store.listings.find(query, limit=None) == await store.listings.find(
            query, limit=10 * ARTICLES
        )
        lines = await store.listings.find_lines(query)
        assert lines == [*map(build_line, await store.listings.find(query, limit=None))]
        while page := await store.listings.find(query, paged[-1].position if paged else None, size):
            paged += page
        assert [listing.article_id for listing in paged] == expect(models, query), query
