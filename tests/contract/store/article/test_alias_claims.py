"""Writers claim and save the same article: in whatever order, one article remains."""

import asyncio
import itertools
import random
from collections.abc import AsyncIterator, Sequence

from shared.store import AliasClaim, Store
from tests.contract.store.builders import a_first_write


async def run_steps(store: Store, claim: AliasClaim) -> AsyncIterator[str]:
    """What ingest does with a new article, a step at a time; yields its id in the end."""
    while True:
        (grant,) = await store.articles.claim_aliases([claim])
        owner = grant.article_id
        yield ""
        if owner in await store.articles.get([owner]):
            yield owner
            return
        await store.articles.save([a_first_write(owner, aliases=grant.aliases)])
        yield ""


async def finish(writer: AsyncIterator[str]) -> str:
    """The id that the writer ends with."""
    results = [result async for result in writer]
    return results[-1]


async def run_in_order(writers: Sequence[AsyncIterator[str]], order: Sequence[int]) -> list[str]:
    """Let the writers take a step whenever it is their turn, then finish.

    Returns the id of each.
    """
    ends = [""] * len(writers)
    for turn in order:
        ends[turn] = ends[turn] or await anext(writers[turn], "")
    for turn, writer in enumerate(writers):
        ends[turn] = ends[turn] or await finish(writer)
    return ends


async def assert_agreed(store: Store, claims: list[AliasClaim], ends: list[str]) -> None:
    """Each writer ended with a stored article; none is left over, and its aliases name it."""
    stored = await store.articles.get({claim.article_id for claim in claims})
    assert set(ends) == stored.keys()
    for article in stored.values():
        owners = await store.articles.resolve_aliases(article.aliases)
        assert owners == dict.fromkeys(article.aliases, article.id)
    claimed = {alias for claim in claims for alias in claim.aliases}
    owners = await store.articles.resolve_aliases(claimed)
    assert set(owners.values()) == stored.keys()


async def test_every_order_of_two_writers_steps_ends_in_one_article(store: Store, other: Store):
    for number, order in enumerate(itertools.product((0, 1), repeat=5)):
        claims = [
            AliasClaim(f"{name}{number}", (f"{name}{number}", f"shared{number}"))
            for name in ("b", "a")
        ]
        writers = [run_steps(store, claims[0]), run_steps(other, claims[1])]
        ends = await run_in_order(writers, order)
        await assert_agreed(store, claims, ends)
        assert ends[0] == ends[1]


async def test_a_claim_that_joins_two_others_ends_in_sound_articles(store: Store, other: Store):
    chance = random.Random(11)
    for number in range(40):
        alias_sets = [("b", "s"), ("c", "t"), ("s", "t")]
        chance.shuffle(alias_sets)
        claims = []
        for name, aliases in zip(chance.sample("abc", 3), alias_sets, strict=True):
            numbered = tuple(f"{alias}{number}" for alias in aliases)
            claims.append(AliasClaim(f"{name}{number}", numbered))
        handles = (store, other, store)
        writers = [run_steps(handle, claim) for handle, claim in zip(handles, claims, strict=True)]
        ends = await run_in_order(writers, chance.choices(range(3), k=9))
        await assert_agreed(store, claims, ends)


async def test_many_concurrent_writers_end_in_one_article(store: Store, other: Store):
    chance = random.Random(7)
    for number in range(25):
        names = chance.sample("abcdefgh", 8)
        claims = [
            AliasClaim(f"{name}{number}", (f"shared{number}", f"{name}{number}")) for name in names
        ]
        handles = itertools.cycle((store, other))
        writers = [run_steps(next(handles), claim) for claim in claims]
        ends = await asyncio.gather(*map(finish, writers))
        await assert_agreed(store, claims, list(ends))
        assert len(set(ends)) == 1
