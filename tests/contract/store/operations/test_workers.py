"""The contract of what processes report of themselves, and of the cluster they work with."""

import asyncio
from datetime import timedelta

from shared.store import Store
from tests.contract.store.builders import a_heartbeat, at


async def test_the_last_heartbeat_of_each_process_is_kept(store: Store, other: Store):
    related = a_heartbeat("related-1", service="related", counts={}, schema=7, mode="given")
    await store.workers.save_heartbeat(a_heartbeat(state="starting", lag=None))
    waiting = a_heartbeat(at=at(1), waits_for="the store", waits_since=at(-3), handled_at=at(-4))
    await store.workers.save_heartbeat(waiting)
    await store.workers.save_heartbeat(related)
    assert await other.workers.list_heartbeats() == [waiting, related]


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


class TestRefills:
    LEASE = timedelta(minutes=1)

    async def test_one_process_claims_the_refill_of_a_cluster(self, store: Store, other: Store):
        claims = [
            handle.workers.claim_refill("ingest", "one", holder, at(0), self.LEASE)
            for handle, holder in zip((store, other) * 4, "abcdefgh", strict=True)
        ]
        assert sorted(await asyncio.gather(*claims)) == [False] * 7 + [True]

    async def test_the_holder_renews_its_claim(self, store: Store, other: Store):
        claim, claim_other = store.workers.claim_refill, other.workers.claim_refill
        assert await claim("ingest", "one", "a", at(0), self.LEASE)
        assert await claim("ingest", "one", "a", at(50), self.LEASE)
        assert not await claim_other("ingest", "one", "b", at(70), self.LEASE)
        assert await claim_other("ingest", "one", "b", at(110), self.LEASE)
        assert not await claim("ingest", "one", "a", at(111), self.LEASE)

    async def test_a_claim_for_another_cluster_or_service_is_another(self, store: Store):
        claim = store.workers.claim_refill
        assert await claim("ingest", "one", "a", at(0), self.LEASE)
        assert await claim("related", "one", "b", at(0), self.LEASE)
        assert await claim("ingest", "two", "b", at(1), self.LEASE)
        assert not await claim("ingest", "two", "a", at(2), self.LEASE)
