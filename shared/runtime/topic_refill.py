"""Fills the empty topics of a new Kafka cluster with what the store knows: by one worker, in pages.

The others of its service wait until it is done, or until its claim ends because it died. Otherwise
they would announce new states of which it sends older ones afterwards.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Final

from shared.broker.reading.progress import Progress
from shared.broker.records import Event
from shared.clock import Clock, now
from shared.runtime.service import Service
from shared.store import Store

log = logging.getLogger(__name__)

# A page takes a second or two. If Kafka is unavailable meanwhile, another worker may take over.
LEASE: Final = timedelta(seconds=30)
CHECK_INTERVAL_SECONDS: Final = 1.0

Announce = Callable[[Sequence[Event]], Awaitable[None]]
"""Sends events and saves their acknowledgements."""


class ClusterRefill:
    """The refill of *cluster* for *service*, as the worker *holder* sees it."""

    def __init__(
        self,
        service: Service,
        store: Store,
        progress: Progress,
        cluster: str,
        holder: str,
        clock: Clock = now,
    ) -> None:
        self._service = service
        self._store = store
        self._progress = progress
        self._cluster = cluster
        self._holder = holder
        self._clock = clock

    async def run(
        self, announce: Announce, interval_seconds: float = CHECK_INTERVAL_SECONDS
    ) -> None:
        """Return when the topics are filled, by this worker or another; at once if they were."""
        if self._service.on_new_cluster is None:
            return
        while not await self._is_done():
            if await self._claim():
                await self._fill(announce)
                continue
            self._progress.trouble = "another worker fills the topics of the new cluster"
            await asyncio.sleep(interval_seconds)
        self._progress.trouble = ""

    async def _is_done(self) -> bool:
        return await self._store.workers.get_cluster(self._service.name) == self._cluster

    async def _claim(self) -> bool:
        """Claim the work, or keep it."""
        return await self._store.workers.claim_refill(
            self._service.name, self._cluster, self._holder, self._clock(), LEASE
        )

    async def _fill(self, announce: Announce) -> None:
        """Send every page. Stops when another worker has taken over meanwhile."""
        assert self._service.on_new_cluster is not None
        sent = 0
        async for events in self._service.on_new_cluster(self._store):
            await announce(events)
            sent += len(events)
            self._progress.trouble = f"fills the topics of the new cluster: {sent} events sent"
            if not await self._claim():
                log.warning("another worker has taken over filling the topics")
                return
        await self._store.workers.save_cluster(self._service.name, self._cluster)
        log.info("filled the topics of the new cluster with %d events", sent)
