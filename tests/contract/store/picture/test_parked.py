"""The contract of parked work."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from shared.store import ParkedFetch, Store
from tests.contract.store.builders import T0, a_parked_fetch, at

LEASE = timedelta(minutes=5)


def identities(work: Sequence[ParkedFetch]) -> list[tuple[str, str]]:
    return [(fetch.article_id, fetch.url) for fetch in work]


def urls(work: Sequence[ParkedFetch]) -> list[str]:
    return [fetch.url for fetch in work]


async def test_work_can_be_claimed_when_it_is_due_the_earliest_first(store: Store):
    await store.parked.park(
        [
            a_parked_fetch(url="late", due=at(20)),
            a_parked_fetch(url="b", due=at(2)),
            a_parked_fetch(url="a", due=at(1)),
        ]
    )
    assert urls(await store.parked.claim(at(10), LEASE, 10)) == ["a", "b"]
    assert urls(await store.parked.list_earliest()) == ["a", "b", "late"]
    assert urls(await store.parked.list_earliest(1)) == ["a"]
    assert urls(await store.parked.list_earliest(None)) == ["a", "b", "late"]
    assert await store.parked.count() == 3


async def test_each_fetch_is_claimed_once(store: Store, other: Store):
    await store.parked.park([a_parked_fetch(url=str(number)) for number in range(5)])
    first = await store.parked.claim(at(1), LEASE, 3)
    second = await other.parked.claim(at(1), LEASE, 10)
    assert len(first) == 3
    everything = await store.parked.list_earliest()
    assert sorted(identities(first + second)) == sorted(identities(everything))
    assert await store.parked.claim(at(1), LEASE, 10) == []


async def test_a_claimed_fetch_can_be_claimed_again_when_its_lease_ends(store: Store):
    await store.parked.park([a_parked_fetch(attempts=3, reason="503")])
    (first,) = await store.parked.claim(at(1), LEASE, 1)
    (again,) = await store.parked.claim(at(1) + LEASE, LEASE, 1)
    assert (again.attempts, again.reason, again.due) == (3, "503", at(0))
    assert first.claim != again.claim


async def test_work_that_is_removed_is_gone(store: Store):
    await store.parked.park([a_parked_fetch()])
    claimed = await store.parked.claim(at(1), LEASE, 1)
    for _ in range(2):
        await store.parked.remove(claimed)
        assert await store.parked.count() == 0


async def test_work_that_another_claimed_since_is_not_removed(store: Store, other: Store):
    await store.parked.park([a_parked_fetch()])
    mine = await store.parked.claim(at(1), LEASE, 1)
    theirs = await other.parked.claim(at(1) + LEASE, LEASE, 1)
    await store.parked.remove(mine)
    assert await store.parked.count() == 1
    await other.parked.remove(theirs)
    assert await store.parked.count() == 0


async def test_work_that_was_parked_again_is_not_removed(store: Store):
    await store.parked.park([a_parked_fetch()])
    claimed = await store.parked.claim(at(1), LEASE, 1)
    later = a_parked_fetch(due=at(60), attempts=2, reason="again")
    await store.parked.park([later])
    await store.parked.remove(claimed)
    (fetch,) = await store.parked.list_earliest()
    assert fetch == later
    assert await store.parked.claim(at(59), LEASE, 1) == []
    assert len(await store.parked.claim(at(60), LEASE, 1)) == 1


async def test_two_articles_park_the_same_url_apart(store: Store):
    await store.parked.park([a_parked_fetch("a1"), a_parked_fetch("b1")])
    assert await store.parked.count() == 2


async def test_all_that_waits_for_a_url_is_found_claimed_or_not(store: Store, other: Store):
    await store.parked.park(
        [
            a_parked_fetch("b1"),
            a_parked_fetch("a1"),
            a_parked_fetch("a1", url="other"),
            a_parked_fetch("a1", url="third"),
        ]
    )
    await other.parked.claim(at(1), LEASE, 1)
    url = a_parked_fetch().url
    found = await store.parked.find_by_urls([url, "other", url])
    assert identities(found) == [("a1", url), ("a1", "other"), ("b1", url)]
    (claimed,) = [fetch for fetch in found if fetch.claim]
    await store.parked.remove([claimed])
    assert len(await store.parked.find_by_urls([url, "other"])) == 2


async def test_nothing_parked_is_nothing_done(store: Store):
    await store.parked.park([])
    await store.parked.remove([])
    assert await store.parked.find_by_urls([]) == []
    assert await store.parked.find_by_urls(["unknown"]) == []
    assert await store.parked.claim(at(1), LEASE, 5) == []
    assert await store.parked.list_earliest() == []


async def test_named_work_is_claimed_before_it_is_due_unless_somebody_holds_it(
    store: Store, other: Store
):
    held = a_parked_fetch("a1", due=at(-5))
    free = a_parked_fetch("b1", due=at(600))
    gone = a_parked_fetch("c1")
    await store.parked.park([held, free])
    await other.parked.claim(T0, LEASE, 10)
    (claimed,) = await store.parked.claim_named([held, free, gone], T0, LEASE)
    assert (claimed.article_id, claimed.due) == ("b1", at(600))
    assert await other.parked.claim_named([free], T0, LEASE) == []
    await store.parked.remove([claimed])
    assert [fetch.article_id for fetch in await store.parked.list_earliest()] == ["a1"]


async def test_of_racing_claims_of_named_work_one_gets_it(store: Store, other: Store):
    fetch = a_parked_fetch()
    await store.parked.park([fetch])
    claims = [each.parked.claim_named([fetch], T0, LEASE) for each in (store, other) * 4]
    assert [len(claimed) for claimed in await asyncio.gather(*claims)].count(1) == 1


async def test_parked_work_comes_in_pages(store: Store):
    work = [a_parked_fetch(f"a{number}", due=at(number // 3)) for number in range(10)]
    await store.parked.park(work)
    seen: list[ParkedFetch] = []
    while page := await store.parked.list_earliest(3, seen[-1] if seen else None):
        seen += page
    assert [fetch.article_id for fetch in seen] == [fetch.article_id for fetch in work]
    assert await store.parked.list_earliest(None, work[3]) == work[4:]
