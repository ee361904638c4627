"""Two or more writers claim and save the same article: whatever the order of their steps, there is one in the end."""

import asyncio
import itertools
import random
from collections.abc import AsyncIterator

from shared.store import Claim, Store
from tests.contract.store.build import new


async def steps(store: Store, claim: Claim) -> AsyncIterator[str]:
    """What ingest does with a new article, a step at a time; its id in the end."""
    while True:
        (owner,) = await store.articles.claim([claim])
        yield ""
        if owner in await store.articles.get([owner]):
            yield owner
            return
        await store.articles.save([new(owner, aliases=claim.aliases)])
        yield ""


async def finish(writer: AsyncIterator[str]) -> str:
    """The id that the writer ends with."""
    said = [word async for word in writer]
    return said[-1]


async def assert_agreed(store: Store, claims: list[Claim], ends: list[str]) -> None:
    """Each writer ended with a stored article, none is left over, and an article's aliases lead to it."""
    stored = await store.articles.get({claim.article_id for claim in claims})
    assert set(ends) == stored.keys()
    for article in stored.values():
        assert await store.articles.resolve(article.aliases) == dict.fromkeys(
            article.aliases, article.id
        )
    owners = await store.articles.resolve({alias for claim in claims for alias in claim.aliases})
    assert set(owners.values()) == stored.keys()


async def test_every_order_of_two_writers_steps_ends_in_one_article(store: Store, other: Store):
    for number, order in enumerate(itertools.product((0, 1), repeat=5)):
        claims = [
            Claim(f"{name}{number}", (f"{name}{number}", f"shared{number}")) for name in ("b", "a")
        ]
        writers = [steps(store, claims[0]), steps(other, claims[1])]
        ends = ["", ""]
        for turn in order:
            ends[turn] = ends[turn] or await anext(writers[turn], "")
        for turn in (0, 1):
            ends[turn] = ends[turn] or await finish(writers[turn])
        await assert_agreed(store, claims, ends)
        assert ends[0] == ends[1]


async def test_a_claim_that_joins_two_others_ends_in_sound_articles(store: Store, other: Store):
    chance = random.Random(11)
    for number in range(40):
        sets = [("b", "s"), ("c", "t"), ("s", "t")]
        chance.shuffle(sets)
        ids = chance.sample("abc", 3)
        claims = [
            Claim(f"{one}{number}", tuple(f"{alias}{number}" for alias in aliases))
            for one, aliases in zip(ids, sets, strict=True)
        ]
        writers = [
            steps(handle, claim)
            for handle, claim in zip((store, other, store), claims, strict=True)
        ]
        ends = ["", "", ""]
        for turn in chance.choices(range(3), k=9):
            ends[turn] = ends[turn] or await anext(writers[turn], "")
        for turn in range(3):
            ends[turn] = ends[turn] or await finish(writers[turn])
        await assert_agreed(store, claims, ends)


async def test_many_writers_at_once_end_in_one_article(store: Store, other: Store):
    chance = random.Random(7)
    for number in range(25):
        names = chance.sample("abcdefgh", 8)
        claims = [
            Claim(f"{name}{number}", (f"shared{number}", f"{name}{number}")) for name in names
        ]
        handles = itertools.cycle((store, other))
        ends = await asyncio.gather(*(finish(steps(next(handles), claim)) for claim in claims))
        await assert_agreed(store, claims, list(ends))
        assert len(set(ends)) == 1
