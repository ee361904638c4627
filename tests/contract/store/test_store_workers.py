"""The contract of heartbeats."""

from shared.store import Store
from tests.contract.store.builders import a_heartbeat, at


async def test_the_last_heartbeat_of_each_process_is_kept(store: Store, other: Store):
    related = a_heartbeat("related-1", service="related", counts={})
    await store.workers.save_heartbeat(a_heartbeat(state="starting", lag=None))
    await store.workers.save_heartbeat(a_heartbeat(at=at(1)))
    await store.workers.save_heartbeat(related)
    assert await other.workers.list_heartbeats() == [a_heartbeat(at=at(1)), related]


async def test_old_heartbeats_are_deleted(store: Store):
    await store.workers.save_heartbeat(a_heartbeat("old", at=at(-60)))
    await store.workers.save_heartbeat(a_heartbeat("new", at=at(0)))
    await store.workers.delete_heartbeats(at(-30))
    remaining = await store.workers.list_heartbeats()
    assert [heartbeat.instance for heartbeat in remaining] == ["new"]


async def test_each_service_remembers_its_cluster(store: Store, other: Store):
    assert await store.workers.get_cluster("ingest") is None
    await store.workers.save_cluster("ingest", "one")
    await store.workers.save_cluster("ingest", "two")
    assert await other.workers.get_cluster("ingest") == "two"
    assert await other.workers.get_cluster("publishing") is None
