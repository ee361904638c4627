"""The contract of heartbeats."""

from shared.store import Store
from tests.contract.store.build import a_beat, at


async def test_the_last_word_of_each_process_is_kept(store: Store, other: Store):
    await store.workers.beat(a_beat(state="starting", lag=None))
    await store.workers.beat(a_beat(at=at(1)))
    await store.workers.beat(a_beat("related-1", service="related", counts={}))
    assert await other.workers.all() == [
        a_beat(at=at(1)),
        a_beat("related-1", service="related", counts={}),
    ]


async def test_old_words_are_forgotten(store: Store):
    await store.workers.beat(a_beat("old", at=at(-60)))
    await store.workers.beat(a_beat("new", at=at(0)))
    await store.workers.forget(at(-30))
    assert [beat.instance for beat in await store.workers.all()] == ["new"]


async def test_each_service_remembers_its_cluster(store: Store, other: Store):
    assert await store.workers.known_cluster("ingest") is None
    await store.workers.remember_cluster("ingest", "one")
    await store.workers.remember_cluster("ingest", "two")
    assert await other.workers.known_cluster("ingest") == "two"
    assert await other.workers.known_cluster("publishing") is None
