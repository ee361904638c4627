"""A worker that is behind settles seldom, and all the same leaves nothing unsettled."""

from datetime import UTC, datetime, timedelta

import pytest

from services.enrichment.related.handlers import BEHIND, FEW, LONGEST, Related
from services.enrichment.related.linking.recompute import CROWD
from services.enrichment.related.main import related
from services.enrichment.related.settings import RelatedSettings
from services.enrichment.related.stream import keep, record
from shared.store import Store

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Ticking:
    """A clock that goes on by a second whenever it is looked at."""

    def __init__(self) -> None:
        self.time = MONDAY

    def __call__(self) -> datetime:
        self.time += timedelta(seconds=1)
        return self.time


@pytest.fixture
def clock() -> Ticking:
    return Ticking()


@pytest.fixture
def worker(clock: Ticking) -> Related:
    return related(RelatedSettings(), clock)


async def handled(worker: Related, names: str, articles: int, store: Store) -> None:
    lines = [
        {"id": f"{names}{number}", "title": f"Comet Vaskell over town {number}"}
        for number in range(articles)
    ]
    await worker.handle([record(article) for article in await keep(lines, store)], store)


async def unsettled(store: Store) -> int:
    return (await store.relations.counts())["unsettled"]


async def test_in_a_backlog_neighbourhoods_are_settled_now_and_then(
    store: Store, worker: Related, clock: Ticking
):
    await handled(worker, "a", FEW + 1, store)
    await worker.settle_in_time(store)
    assert await unsettled(store) == 0
    await handled(worker, "b", FEW + 1, store)
    assert await worker.settle_in_time(store) == []
    assert await unsettled(store) > FEW
    clock.time += HOUR
    assert await worker.settle_in_time(store)
    assert await unsettled(store) == 0


async def test_a_backlog_that_goes_on_is_settled_after_ten_seconds_at_most(
    store: Store, worker: Related, clock: Ticking
):
    await handled(worker, "a", FEW + 1, store)
    await worker.settle_in_time(store)
    clock.time += LONGEST
    await handled(worker, "b", FEW + 1, store)
    await worker.settle_in_time(store)
    assert await unsettled(store) == 0


async def test_what_a_backlog_left_is_settled_soon_after(
    store: Store, worker: Related, clock: Ticking
):
    for names in ("a", "b"):
        await handled(worker, names, FEW + 1, store)
        await worker.settle_in_time(store)
    assert await unsettled(store) > FEW
    clock.time += BEHIND
    await worker.settle_in_time(store)
    assert await unsettled(store) == 0


async def test_a_small_batch_takes_with_it_what_a_backlog_left(store: Store, worker: Related):
    await handled(worker, "a", FEW + 1, store)
    assert await unsettled(store) > FEW
    await handled(worker, "b", 1, store)
    assert await unsettled(store) == 0


async def test_a_clock_that_is_put_back_keeps_nothing_unsettled(
    store: Store, worker: Related, clock: Ticking
):
    await handled(worker, "a", FEW + 1, store)
    await worker.settle_in_time(store)
    await handled(worker, "b", FEW + 1, store)
    clock.time -= HOUR
    await worker.settle_in_time(store)
    assert await unsettled(store) == 0


async def test_while_others_settle_a_crowd_nobody_else_does(
    store: Store, worker: Related, clock: Ticking
):
    await handled(worker, "a", FEW + 1, store)
    await store.relations.unsettle([f"x{number}" for number in range(CROWD + 1)], MONDAY - HOUR)
    await store.relations.unsettled(clock(), HOUR, CROWD + 1)  # by somebody else
    assert await worker.settle(store) == []
    assert await unsettled(store) > CROWD + FEW
    clock.time += HOUR
    assert await worker.settle(store)
    assert await unsettled(store) == 0
