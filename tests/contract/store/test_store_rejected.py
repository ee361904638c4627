"""The contract of rejected records."""

from dataclasses import replace

from shared.store import Store
from tests.contract.store.build import a_rejected, at


async def test_a_record_comes_back_byte_for_byte(store: Store, other: Store):
    plain, empty = a_rejected(), a_rejected("c/seeds/0/2", key=None, value=None, headers=())
    await store.rejected.save([plain, empty])
    assert await other.rejected.get(plain.id) == plain
    assert await other.rejected.get(empty.id) == empty
    assert await other.rejected.get("unknown") is None


async def test_one_that_is_there_stays_as_it_is(store: Store):
    await store.rejected.save([a_rejected()])
    await store.rejected.redriven(a_rejected().id, at(5))
    await store.rejected.save([a_rejected(rejected_at=at(9)), a_rejected("c/seeds/0/2")])
    first = await store.rejected.get(a_rejected().id)
    assert first == replace(a_rejected(), attempts=1, redriven_at=at(5))
    assert await store.rejected.count() == 1


async def test_every_redrive_counts(store: Store):
    await store.rejected.save([a_rejected(attempts=2)])
    for number in (1, 2):
        await store.rejected.redriven(a_rejected().id, at(number))
    found = await store.rejected.get(a_rejected().id)
    assert (found.attempts, found.redriven_at) == (4, at(2))


async def test_pages_go_through_all_in_the_order_of_ids(store: Store):
    await store.rejected.save([a_rejected(f"c/seeds/0/{number}") for number in (3, 1, 2)])
    assert [r.id[-1] for r in await store.rejected.page(limit=2)] == ["1", "2"]
    assert [r.id[-1] for r in await store.rejected.page("c/seeds/0/2")] == ["3"]


async def test_nothing_to_keep_is_nothing_done(store: Store):
    await store.rejected.save([])
    assert await store.rejected.count() == 0
