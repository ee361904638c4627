"""The contract of rejected records."""

from dataclasses import replace

from shared.store import Store
from tests.contract.store.builders import a_rejected_record, at


async def test_a_record_comes_back_byte_for_byte(store: Store, other: Store):
    plain = a_rejected_record()
    empty = a_rejected_record("c/seeds/0/2", key=None, value=None, headers=())
    await store.rejected.save([plain, empty])
    assert await other.rejected.get(plain.id) == plain
    assert await other.rejected.get(empty.id) == empty
    assert await other.rejected.get("unknown") is None


async def test_a_record_that_is_there_stays_as_it_is(store: Store):
    record = a_rejected_record()
    await store.rejected.save([record])
    await store.rejected.mark_redriven(record.id, at(5))
    repeated = replace(record, rejected_at=at(9))
    await store.rejected.save([repeated, a_rejected_record("c/seeds/0/2")])
    found = await store.rejected.get(record.id)
    assert found == replace(record, attempts=1, redriven_at=at(5))
    assert await store.rejected.count() == 1


async def test_every_redrive_counts(store: Store):
    record = a_rejected_record(attempts=2)
    await store.rejected.save([record])
    for number in (1, 2):
        await store.rejected.mark_redriven(record.id, at(number))
    found = await store.rejected.get(record.id)
    assert found is not None
    assert (found.attempts, found.redriven_at) == (4, at(2))


async def test_pages_go_through_all_in_the_order_of_ids(store: Store):
    await store.rejected.save([a_rejected_record(f"c/seeds/0/{number}") for number in (3, 1, 2)])
    page = await store.rejected.list_page(limit=2)
    assert [record.id[-1] for record in page] == ["1", "2"]
    rest = await store.rejected.list_page("c/seeds/0/2")
    assert [record.id[-1] for record in rest] == ["3"]


async def test_nothing_to_keep_is_nothing_done(store: Store):
    await store.rejected.save([])
    assert await store.rejected.count() == 0
