"""The contract of long lists: every question takes as many ids as a newsroom has articles."""

from collections.abc import Awaitable, Callable, Collection
from datetime import timedelta

import pytest

from shared.store import AliasClaim, Link, Override, Store
from tests.contract.store.builders import (
    LONG_AFTER,
    a_first_write,
    a_parked_fetch,
    a_picture,
    a_signature,
    at,
)

NUMBER = 600_000
IDS = [f"a{number:020}" for number in range(NUMBER)]
LAST = IDS[-1]

Question = Callable[[Store, Collection[str]], Awaitable[object]]


@pytest.fixture
async def store_of_one(store: Store) -> Store:
    """A store with one article, whose id is the last of the list."""
    url = a_parked_fetch().url
    await store.articles.claim_aliases([AliasClaim(LAST, (LAST,))])
    await store.articles.save([a_first_write(LAST, aliases=(LAST,))])
    await store.signatures.save([a_signature(LAST)])
    await store.links.save([Link(LAST, "b1", 0.5)])
    await store.overrides.save(Override("pin", (LAST,), ("b1",), "ada", at(0)))
    await store.pictures.save(a_picture(LAST, sha256=LAST))
    await store.pictures.add_references({LAST: [LAST]})
    await store.parked.park([a_parked_fetch(LAST, LAST), a_parked_fetch(LAST, url)])
    return store


QUESTIONS: dict[str, Question] = {
    "aliases": lambda store, ids: store.articles.resolve_aliases(ids),
    "pending versions": lambda store, ids: store.articles.get_pending_versions("related", ids),
    "unannounced": lambda store, ids: store.articles.find_unannounced(ids, limit=None),
    "signatures": lambda store, ids: store.signatures.get_versions(ids),
    "links": lambda store, ids: store.links.list_around(ids),
    "overrides": lambda store, ids: store.overrides.find_by_articles(ids),
    "pictures": lambda store, ids: store.pictures.get(ids),
    "references": lambda store, ids: store.pictures.find_referring_articles(ids),
    "contents": lambda store, ids: store.pictures.find_referenced(ids),
    "parked": lambda store, ids: store.parked.find_by_urls(ids),
}


async def test_the_last_of_600_000_articles_is_found_like_one_alone(store_of_one: Store):
    found = await store_of_one.articles.get(IDS)
    assert found
    assert found == await store_of_one.articles.get([LAST])


@pytest.mark.parametrize("question", QUESTIONS)
async def test_every_list_may_be_longer_than_a_query(question: str, store_of_one: Store):
    ask = QUESTIONS[question]
    answer = await ask(store_of_one, IDS[-25_000:])
    assert answer
    assert answer == await ask(store_of_one, [LAST])


async def test_what_is_found_twice_comes_once(store: Store):
    """A link from both ends, an article of several of the stories, an id that stands twice."""
    await store.links.save([Link(IDS[0], LAST, 0.5)])
    assert await store.links.list_around([*IDS[:30_000], LAST, LAST]) == [Link(IDS[0], LAST, 0.5)]


async def test_as_many_can_be_touched_at_once(store_of_one: Store):
    before = (await store_of_one.articles.get([LAST]))[LAST]
    await store_of_one.articles.touch(IDS[-25_000:])
    await store_of_one.articles.reopen_stage("images", IDS[-25_000:])
    after = (await store_of_one.articles.get([LAST]))[LAST]
    assert after.touches == before.touches + 1
    assert "images" in after.pending


async def test_many_that_wait_for_pictures_hide_none_that_waits_for_a_decision(store: Store):
    ids = IDS[:2_000]
    for start in range(0, len(ids), 500):
        writes = [a_first_write(name, aliases=()) for name in ids[start : start + 500]]
        await store.articles.save(writes)
    await store.articles.complete_stage("images", {ids[-1]: 1})
    await store.articles.complete_stage("related", {ids[-1]: 1})
    waiting = await store.articles.find_waiting(
        "decision", LONG_AFTER, limit=5, unless=("images", "related")
    )
    assert [article.id for article in waiting] == [ids[-1]]


async def test_many_due_fetches_are_claimed_once_each(store: Store, other: Store):
    urls = [f"{number:05}" for number in range(1_000)]
    await store.parked.park([a_parked_fetch(url=url) for url in urls])
    claimed: list[str] = []
    for handle in (store, other) * 5:
        for fetch in await handle.parked.claim(at(1), timedelta(hours=1), 100):
            claimed.append(fetch.url)
    assert claimed == urls
