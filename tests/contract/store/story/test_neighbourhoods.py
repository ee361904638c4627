"""The contract of dirty marks."""

from collections.abc import Sequence
from datetime import timedelta

from shared.store import DirtyMark, Store
from tests.contract.store.builders import at

LEASE = timedelta(minutes=1)


def article_ids(marks: Sequence[DirtyMark]) -> list[str]:
    return [mark.article_id for mark in marks]


async def test_each_mark_is_claimed_by_one_caller_the_oldest_first(store: Store, other: Store):
    await store.neighbourhoods.mark_dirty(["b1", "a1"], at(0))
    await store.neighbourhoods.mark_dirty(["c1"], at(1))
    first = await store.neighbourhoods.claim_dirty(at(2), LEASE, 2)
    assert article_ids(first) == ["a1", "b1"]
    second = await other.neighbourhoods.claim_dirty(at(2), LEASE, 9)
    assert article_ids(second) == ["c1"]
    assert await store.neighbourhoods.claim_dirty(at(3), LEASE, 9) == []


async def test_a_cleared_mark_is_gone(store: Store):
    await store.neighbourhoods.mark_dirty(["a1"], at(0))
    claimed = await store.neighbourhoods.claim_dirty(at(1), LEASE, 9)
    for _ in range(2):
        await store.neighbourhoods.clear_dirty(claimed)
        assert await store.neighbourhoods.count_dirty() == 0
    assert await store.neighbourhoods.claim_dirty(at(2) + LEASE, LEASE, 9) == []


async def test_a_mark_can_be_claimed_again_when_its_lease_ends(store: Store):
    await store.neighbourhoods.mark_dirty(["a1"], at(0))
    first = await store.neighbourhoods.claim_dirty(at(1), LEASE, 9)
    assert await store.neighbourhoods.claim_dirty(at(1) + LEASE, LEASE, 9) == first


async def test_claims_are_counted_until_they_are_cleared_lapse_or_end(store: Store, other: Store):
    await store.neighbourhoods.mark_dirty(["a1", "b1", "c1", "d1"], at(0))
    claims = await store.neighbourhoods.claim_dirty(at(1), LEASE, 3)
    assert await other.neighbourhoods.count_claimed(at(2)) == 3
    await store.neighbourhoods.clear_dirty(claims[:1])
    assert await other.neighbourhoods.count_claimed(at(2)) == 2
    await other.neighbourhoods.mark_dirty([claims[1].article_id], at(2))
    assert await other.neighbourhoods.count_claimed(at(2)) == 1
    assert await other.neighbourhoods.count_claimed(at(1) + LEASE) == 0


async def test_an_article_that_was_marked_again_keeps_its_mark(store: Store, other: Store):
    await store.neighbourhoods.mark_dirty(["a1"], at(0))
    stale = await store.neighbourhoods.claim_dirty(at(1), LEASE, 9)
    await other.neighbourhoods.mark_dirty(["a1"], at(2))
    await store.neighbourhoods.clear_dirty(stale)
    (mark,) = await store.neighbourhoods.claim_dirty(at(2), LEASE, 9)
    assert mark.article_id == "a1"
    assert mark.mark != stale[0].mark


async def test_articles_without_a_mark_can_be_marked_and_claimed_at_once(
    store: Store, other: Store
):
    await store.neighbourhoods.mark_dirty(["a1"], at(0))
    claimed = await store.neighbourhoods.mark_and_claim(["a1", "b1"], at(1), LEASE)
    assert article_ids(claimed) == ["b1"]
    others = await other.neighbourhoods.claim_dirty(at(2), LEASE, 9)
    assert article_ids(others) == ["a1"]
    await store.neighbourhoods.clear_dirty(claimed)
    assert await store.neighbourhoods.count_dirty() == 1


async def test_the_oldest_mark_says_since_when_there_is_work(store: Store):
    assert await store.neighbourhoods.get_dirty_since() is None
    await store.neighbourhoods.mark_dirty(["b1"], at(1))
    await store.neighbourhoods.mark_dirty(["a1"], at(0))
    # marked again, it waits since the first time
    await store.neighbourhoods.mark_dirty(["a1"], at(2))
    assert await store.neighbourhoods.get_dirty_since() == at(0)


async def test_nothing_to_mark_is_nothing_done(store: Store):
    assert await store.neighbourhoods.mark_and_claim([], at(0), LEASE) == []
    await store.neighbourhoods.mark_dirty([], at(0))
    await store.neighbourhoods.clear_dirty([])
    assert await store.neighbourhoods.claim_dirty(at(0), LEASE, 9) == []
    assert await store.neighbourhoods.count_dirty() == 0
