"""Workers of several versions keep the statistics of one feed, each by a formula of its own."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from services.enrichment.related.features.readers import Reader
from services.enrichment.related.judging.feed_statistics import (
    FORMULA,
    FeedStatistics,
    Formula,
    compute_statistics,
    pack_statistics,
    unpack_statistics,
)
from services.enrichment.related.linking.feed_keeper import FeedKeeper, has_current_statistics
from shared.store import FeedSnapshot, Heartbeat, Store
from shared.store.layout import LAYOUT, SCHEMA

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
TABLE = Reader("table")
LOOKS = 10


def clock() -> datetime:
    return NOW


def compute_otherwise(directions: Sequence[bytes], reader: Reader) -> FeedStatistics:
    return replace(compute_statistics(directions, reader), narrowness=0.125)


@dataclass(frozen=True)
class Worker:
    """A worker of *schema*, which is as old as the step that it knows."""

    schema: int
    keeper: FeedKeeper

    async def look(self, store: Store) -> None:
        await self.beat(store, "working")
        await self.keeper.refresh(store)

    async def beat(self, store: Store, state: str) -> None:
        instance = f"related-{self.schema}"
        await store.workers.save_heartbeat(
            Heartbeat(instance, "related", "host", 42, state, NOW, schema=self.schema)
        )


class OldKeeper(FeedKeeper):
    """As before step 7: it publishes its own statistics over any others, and knows no formula."""

    async def refresh(self, store: Store) -> bool:
        snapshot = await store.feed.get_snapshot()
        computed = compute_otherwise([], TABLE)
        if snapshot is None or computed.is_same_as(unpack_statistics(snapshot)):
            return False
        following = replace(pack_statistics(computed, TABLE), version=snapshot.version + 1)
        await store.feed.publish(replace(following, formula=0))
        await store.feed.mark_applied(following.version)
        return True


@pytest.fixture
def own() -> Worker:
    return Worker(SCHEMA, FeedKeeper(TABLE, clock))


@pytest.fixture
def old() -> Worker:
    return Worker(LAYOUT, OldKeeper(TABLE, clock))


@pytest.fixture
def newer() -> Worker:
    number = SCHEMA + 1
    return Worker(number, FeedKeeper(TABLE, clock, Formula(number, compute_otherwise)))


async def get_snapshot(store: Store) -> FeedSnapshot:
    snapshot = await store.feed.get_snapshot()
    assert snapshot is not None
    return snapshot


async def look_in_turns(workers: Sequence[Worker], store: Store) -> FeedSnapshot:
    """The snapshot after many looks of each, which has rested since the first ones."""
    for worker in workers:
        await worker.look(store)
    early = await get_snapshot(store)
    for _ in range(LOOKS):
        for worker in workers:
            await worker.look(store)
    assert await get_snapshot(store) == early
    return early


async def test_beside_a_version_without_numbers_that_one_keeps_the_statistics(
    store: Store, own: Worker, old: Worker, caplog: pytest.LogCaptureFixture
):
    await own.look(store)
    snapshot = await look_in_turns([own, old], store)
    assert (snapshot.formula, snapshot.version) == (0, 2)
    assert await has_current_statistics(snapshot, store, clock)
    (warning,) = caplog.messages
    assert f"related-{LAYOUT}" in warning


async def test_once_its_workers_have_ended_the_statistics_are_replaced_once(
    store: Store, own: Worker, old: Worker
):
    await look_in_turns([own, old], store)
    await old.beat(store, "stopped")
    assert not await has_current_statistics(await get_snapshot(store), store, clock)
    snapshot = await look_in_turns([own], store)
    assert (snapshot.formula, snapshot.version) == (FORMULA.number, 3)
    assert await has_current_statistics(snapshot, store, clock)


@pytest.mark.parametrize("is_newer_first", [True, False])
async def test_of_two_numbered_formulas_the_newer_one_holds(
    store: Store, own: Worker, newer: Worker, is_newer_first: bool
):
    workers = [newer, own] if is_newer_first else [own, newer]
    snapshot = await look_in_turns(workers, store)
    assert snapshot.formula == newer.schema
    assert await has_current_statistics(snapshot, store, clock)


async def test_after_going_back_the_older_formula_holds_again(
    store: Store, own: Worker, newer: Worker
):
    kept = await look_in_turns([newer, own], store)
    await newer.beat(store, "stopped")
    snapshot = await look_in_turns([own], store)
    assert (snapshot.formula, snapshot.version) == (FORMULA.number, kept.version + 1)
