"""The contract of editors' overrides: kept until they are taken back, found by their articles."""

from dataclasses import replace
from operator import attrgetter

from shared.store import Override, Store
from tests.contract.store.builders import at

PIN = Override("pin", ("a1",), ("b1",), "ann", at(1), "one and the same bridge")
SPLIT = Override("split", ("b1",), ("c1", "d1"), "bo", at(2))


async def test_an_override_comes_back_as_it_was_made(store: Store, other: Store):
    await store.overrides.save(PIN)
    await store.overrides.save(SPLIT)
    assert await other.overrides.find_by_articles(["a1"]) == [PIN]
    assert await other.overrides.find_by_articles(["b1", "a1"]) == [SPLIT, PIN]
    assert await other.overrides.find_by_articles(["d1", "z1"]) == [SPLIT]
    assert await other.overrides.find_by_articles([]) == []


async def test_the_same_override_again_replaces_the_first(store: Store):
    again = replace(PIN, by="cy", at=at(9))
    await store.overrides.save(PIN)
    await store.overrides.save(again)
    assert await store.overrides.find_by_articles(["b1"]) == [again]


async def test_an_override_that_is_taken_back_is_gone(store: Store, other: Store):
    await store.overrides.save(PIN)
    await store.overrides.save(SPLIT)
    for _ in range(2):
        await other.overrides.delete([PIN])
    assert await store.overrides.find_by_articles(["a1", "b1"]) == [SPLIT]
    await store.overrides.delete([])


async def test_overrides_come_in_pages_by_id(store: Store):
    overrides = sorted((PIN, SPLIT), key=attrgetter("id"))
    for override in overrides:
        await store.overrides.save(override)
    assert await store.overrides.list_page(limit=1) == overrides[:1]
    assert await store.overrides.list_page(overrides[0].id) == overrides[1:]
