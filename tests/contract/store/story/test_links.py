"""The contract of links."""

from shared.store import Link, Store


async def test_the_most_alike_come_first_then_the_best_score(store: Store):
    close = Link("a1", "d1", 0.6, likeness=0.705)
    surer, sure = Link("a1", "c1", 0.9, likeness=0.4), Link("a1", "b1", 0.8, likeness=0.4)
    await store.links.save([sure, surer, close])
    assert (await store.links.get(["a1"]))["a1"] == [close, surer, sure]


async def test_links_are_seen_from_both_ends_best_first(store: Store, other: Store):
    best, least = Link("a1", "b1", 0.9), Link("a1", "c1", 0.3)
    pinned = Link("b1", "c1", 0.5, pinned=True)
    await store.links.save([least, best, pinned])
    assert await other.links.get(["a1", "b1", "alone"]) == {
        "a1": [best, least],
        "b1": [best, pinned],
        "alone": [],
    }


async def test_every_link_around_articles_is_listed_once(store: Store):
    links = [Link("a1", "b1", 0.9), Link("b1", "c1", 0.5), Link("x1", "y1", 0.7)]
    await store.links.save(links)
    assert sorted(await store.links.list_around(["a1", "b1"])) == links[:2]
    assert await store.links.list_around([]) == []


async def test_links_are_replaced_and_deleted(store: Store):
    await store.links.save([Link("a1", "b1", 0.9), Link("a1", "c1", 0.3)])
    for _ in range(2):
        await store.links.save([Link("a1", "b1", 0.4)], [("a1", "c1"), ("x", "y")])
        assert (await store.links.get(["a1"]))["a1"] == [Link("a1", "b1", 0.4)]


async def test_count(store: Store):
    await store.links.save([])
    assert await store.links.get([]) == {}
    assert await store.links.count() == 0
    await store.links.save([Link("a1", "b1", 0.9)])
    assert await store.links.count() == 1
