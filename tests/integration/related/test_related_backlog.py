"""A worker with a backlog recomputes seldom, and leaves nothing dirty all the same."""

import asyncio
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, cast

import pytest

from services.enrichment.related.linking.recompute import MAX_CLAIMED
from services.enrichment.related.linking.recompute_schedule import (
    BACKLOG_PERIOD,
    MAX_PAUSE,
    QUIET_PERIOD,
    SMALL_BATCH,
)
from services.enrichment.related.main import build_handler
from services.enrichment.related.settings import RelatedSettings
from services.enrichment.related.stage import RelatedStage
from services.enrichment.related.stream import build_record, save_articles
from shared.store import FeedSnapshot, Store

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
LARGE_BATCH = SMALL_BATCH + 1
STATISTICS = 256  # articles of which a feed has statistics, until there are twice as many


class TickingClock:
    """A clock that advances by a tenth of a second whenever it is read."""

    def __init__(self) -> None:
        self.time = MONDAY

    def __call__(self) -> datetime:
        self.time += timedelta(seconds=0.1)
        return self.time


class PausedFeed:
    """The feed of a store, whose snapshot comes once it `may_go_on`."""

    def __init__(self, store: Store) -> None:
        self._feed = store.feed
        self.is_read, self.may_go_on = asyncio.Event(), asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._feed, name)

    async def get_snapshot(self) -> FeedSnapshot | None:
        self.is_read.set()
        await self.may_go_on.wait()
        return await self._feed.get_snapshot()


class PausedStore:
    """A store with such a feed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.feed = PausedFeed(store)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


@pytest.fixture
def clock() -> TickingClock:
    return TickingClock()


@pytest.fixture
def handler(clock: TickingClock) -> RelatedStage:
    return build_handler(RelatedSettings(), clock)


async def handle_batch(handler: RelatedStage, prefix: str, articles: int, store: Store) -> None:
    lines = [
        {"id": f"{prefix}{number}", "title": f"Comet Vaskell over town {number}"}
        for number in range(articles)
    ]
    saved = await save_articles(lines, store)
    await handler.handle([build_record(article) for article in saved], store)


def build_unrelated_line(batch: int, number: int) -> dict[str, str]:
    """A line of a stream whose title has no word in common with any other."""
    digest = sha256(f"{batch} {number}".encode()).hexdigest()
    letters = digest.translate(str.maketrans("0123456789", "ghijklmnop"))
    return {"id": letters, "title": f"{letters[:6]} {letters[6:12]} {letters[12:18]}"}


async def count_dirty(store: Store) -> int:
    return await store.neighbourhoods.count_dirty()


async def get_statistics_version(store: Store) -> int:
    snapshot = await store.feed.get_snapshot()
    return snapshot.version if snapshot else 0


async def test_in_a_backlog_the_worker_recomputes_now_and_then(
    store: Store, handler: RelatedStage, clock: TickingClock
):
    await handle_batch(handler, "a", STATISTICS, store)
    await handler.recompute_if_due(store)
    await handle_batch(handler, "b", LARGE_BATCH, store)
    await handler.recompute_if_due(store)  # looks at the first batch again
    assert await count_dirty(store) == 0
    await handle_batch(handler, "c", LARGE_BATCH, store)
    assert await handler.recompute_if_due(store) == []
    assert await count_dirty(store) > SMALL_BATCH
    clock.time += HOUR
    assert await handler.recompute_if_due(store)
    assert await count_dirty(store) == 0


async def test_in_a_lasting_backlog_the_worker_recomputes_after_ten_seconds_at_most(
    store: Store, handler: RelatedStage, clock: TickingClock
):
    for prefix, articles in (("a", STATISTICS), ("b", LARGE_BATCH)):
        await handle_batch(handler, prefix, articles, store)
        await handler.recompute_if_due(store)
    clock.time += MAX_PAUSE
    await handle_batch(handler, "c", LARGE_BATCH, store)
    await handler.recompute_if_due(store)
    assert await count_dirty(store) == 0


async def test_in_a_backlog_a_round_of_new_articles_alone_delays_no_other(
    store: Store, handler: RelatedStage
):
    for number in range(2):
        lines = [build_unrelated_line(number, count) for count in range(LARGE_BATCH)]
        saved = await save_articles(lines, store)
        await handler.handle([build_record(article) for article in saved], store)
        await handler.recompute_if_due(store)
        assert await count_dirty(store) == 0


async def test_statistics_of_articles_in_no_order_of_time_follow_the_end_of_a_backlog(
    store: Store, handler: RelatedStage, clock: TickingClock
):
    late = [{**build_unrelated_line(1, number), "ts": "2000"} for number in range(STATISTICS)]
    saved = await save_articles(late, store)
    await handler.handle([build_record(article) for article in saved], store)
    await handle_batch(handler, "early", LARGE_BATCH, store)
    before = await get_statistics_version(store)
    await handler.update_statistics_if_due(store)
    await handler.recompute_if_due(store)
    assert await get_statistics_version(store) == before
    clock.time += BACKLOG_PERIOD + QUIET_PERIOD
    await handler.recompute_if_due(store)
    assert await get_statistics_version(store) == before + 1
    assert await count_dirty(store) == 0


async def test_with_a_small_batch_the_worker_recomputes_what_a_backlog_left(
    store: Store, handler: RelatedStage
):
    await handle_batch(handler, "a", LARGE_BATCH, store)
    assert await count_dirty(store) > SMALL_BATCH
    await handle_batch(handler, "b", 1, store)
    assert await count_dirty(store) == 0


async def test_a_clock_that_is_put_back_leaves_nothing_dirty(
    store: Store, handler: RelatedStage, clock: TickingClock
):
    await handle_batch(handler, "a", LARGE_BATCH, store)
    await handler.recompute_if_due(store)
    await handle_batch(handler, "b", LARGE_BATCH, store)
    clock.time -= HOUR
    await handler.recompute_if_due(store)
    assert await count_dirty(store) == 0


async def test_while_another_worker_recomputes_a_large_round_no_other_one_does(
    store: Store, handler: RelatedStage, clock: TickingClock
):
    await handle_batch(handler, "a", LARGE_BATCH, store)
    claimed = [f"x{number}" for number in range(MAX_CLAIMED + 1)]
    await store.neighbourhoods.mark_dirty(claimed, MONDAY - HOUR)
    await store.neighbourhoods.claim_dirty(clock(), HOUR, MAX_CLAIMED + 1)  # by another worker
    assert await handler.recompute(store) == []
    assert await count_dirty(store) > MAX_CLAIMED + SMALL_BATCH
    clock.time += HOUR
    assert await handler.recompute(store)
    assert await count_dirty(store) == 0


async def test_a_worker_that_takes_longer_than_its_claims_begins_no_other_large_round(
    store: Store, handler: RelatedStage, clock: TickingClock
):
    await store.neighbourhoods.mark_dirty([f"x{n}" for n in range(MAX_CLAIMED + 1)], MONDAY)
    paused = PausedStore(store)
    round_in_hand = asyncio.create_task(handler.recompute(cast("Store", paused)))
    await paused.feed.is_read.wait()
    clock.time += HOUR
    assert await handler.recompute(store) == []
    assert await count_dirty(store) == MAX_CLAIMED + 1
    paused.feed.may_go_on.set()
    await round_in_hand
    assert await count_dirty(store) == 0
