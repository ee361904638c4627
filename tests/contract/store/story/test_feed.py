"""The contract of the feed snapshot."""

from dataclasses import replace

from shared.store import FeedSnapshot, Store

FIRST = FeedSnapshot(1, "table", bytes(range(256)), 0.4321, formula=7)
SECOND = FeedSnapshot(2, "table", b"", 0.5, formula=8)


async def test_before_the_first_snapshot_there_is_none(store: Store):
    assert await store.feed.get_snapshot() is None


async def test_the_latest_snapshot_comes_back_as_it_was(store: Store, other: Store):
    assert await store.feed.publish(FIRST)
    assert await other.feed.get_snapshot() == FIRST
    assert await store.feed.publish(SECOND)
    assert await other.feed.get_snapshot() == SECOND


async def test_of_two_that_publish_one_version_the_first_wins(store: Store, other: Store):
    for snapshot in (FIRST, SECOND):
        assert await store.feed.publish(snapshot)
        assert not await other.feed.publish(replace(snapshot, narrowness=0.9))
        assert await store.feed.get_snapshot() == snapshot


async def test_a_snapshot_whose_formula_is_not_told_has_none(store: Store, other: Store):
    untold = replace(SECOND, formula=0)
    await store.feed.publish(FIRST)
    await store.feed.publish(untold)
    assert await other.feed.get_snapshot() == untold


async def test_only_the_latest_version_is_marked_as_applied(store: Store):
    await store.feed.publish(FIRST)
    await store.feed.mark_applied(2)
    assert await store.feed.get_snapshot() == FIRST
    for _ in range(2):
        await store.feed.mark_applied(1)
    assert await store.feed.get_snapshot() == replace(FIRST, is_applied=True)
    await store.feed.publish(SECOND)
    assert await store.feed.get_snapshot() == SECOND
