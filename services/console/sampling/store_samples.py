"""What the store says of the newsroom: its processes, and what was put aside."""

from dataclasses import dataclass
from datetime import datetime

from services.console.sampling.samples import WorkerSample
from services.console.sampling.worker_states import select_recent, state_of
from shared.clock import Clock
from shared.store import Store


@dataclass(frozen=True)
class StoreSamples:
    """All of it at one moment."""

    at: datetime | None = None  # None: never measured
    workers: tuple[WorkerSample, ...] = ()
    parked: int | None = None
    rejected: int | None = None
    halted: int | None = None


async def load_store_samples(store: Store, clock: Clock) -> StoreSamples:
    """What the store says now. Raises StoreUnavailable."""
    heartbeats = await store.workers.list_heartbeats()
    parked = await store.parked.count()
    rejected = await store.rejected.count()
    at = clock()
    recent = select_recent(heartbeats, at)
    workers = tuple(WorkerSample(heartbeat, state_of(heartbeat, at)) for heartbeat in recent)
    halted = sum(worker.state == "halted" for worker in workers)
    return StoreSamples(at, workers, parked, rejected, halted)
