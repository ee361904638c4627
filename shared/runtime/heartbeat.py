"""The heartbeat: a status row in the store, so that `status` sees this process wherever it runs."""

import asyncio
import logging
import os
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, Protocol

from shared.broker.progress import Progress
from shared.errors import ProcessingHalted, StoreUnavailable
from shared.settings import Settings
from shared.store import Heartbeat, Store

log = logging.getLogger(__name__)

INTERVAL_SECONDS: Final = 1.0


class HasName(Protocol):
    """A service, as far as the heartbeat needs it: one without a topic has a heartbeat too."""

    @property
    def name(self) -> str: ...


class HeartbeatWriter:
    """Writes the heartbeat of one process. *lag* is asked before each."""

    def __init__(
        self,
        service: HasName,
        settings: Settings,
        store: Store,
        progress: Progress,
        lag: Callable[[], int | None],
    ) -> None:
        self._service = service
        self._settings = settings
        self._store = store
        self._progress = progress
        self._lag = lag

    async def run(self) -> None:
        """Write a heartbeat every second, until cancelled.

        While the store is unavailable, heartbeats are skipped: the consumer already waits for it.
        """
        while True:
            try:
                await self._write(self._progress.state, self._progress.note)
                self._progress.stored = self._progress.clock()
            except StoreUnavailable as error:
                log.debug("no heartbeat: %s", error)
            await asyncio.sleep(INTERVAL_SECONDS)

    async def write_last(self, failure: BaseException | None) -> None:
        """Write how this process ended: stopped, halted or failed, and why."""
        try:
            await self._write(_final_state(failure), str(failure or ""))
        except StoreUnavailable as error:
            log.warning("the last heartbeat could not be written: %s", error)

    async def _write(self, state: str, note: str) -> None:
        heartbeat = Heartbeat(
            instance=f"{self._service.name}-{self._settings.instance_id}",
            service=self._service.name,
            host=socket.gethostname(),
            pid=os.getpid(),
            state=state,
            at=datetime.now(UTC),
            lag=self._lag(),
            counts=dict(self._progress.counts),
            note=note,
        )
        await self._store.workers.save_heartbeat(heartbeat)


def _final_state(failure: BaseException | None) -> str:
    if failure is None:
        return "stopped"
    return "halted" if isinstance(failure, ProcessingHalted) else "failed"
