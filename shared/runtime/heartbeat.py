"""The heartbeat: what this process says of itself in the store, so that `status` sees it wherever it runs."""

import asyncio
import logging
import os
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from shared.broker.progress import Progress
from shared.errors import Halted, StoreAway
from shared.settings import Settings
from shared.store import Heartbeat, Store

log = logging.getLogger(__name__)

EVERY = 1.0  # seconds


class Named(Protocol):
    """A service, as far as its heartbeat goes: one without a topic has one too."""

    @property
    def name(self) -> str: ...


class Heart:
    def __init__(
        self,
        service: Named,
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

    async def beat(self) -> None:
        """Say how it is, again and again. A store that is away is what the consumer waits for: no more said here."""
        while True:
            try:
                await self._say(self._progress.state, self._progress.note)
                self._progress.stored = self._progress.clock()
            except StoreAway as error:
                log.debug("no heartbeat: %s", error)
            await asyncio.sleep(EVERY)

    async def last(self, failure: BaseException | None) -> None:
        """The last word of this process: stopped, halted or failed, and why."""
        state = "halted" if isinstance(failure, Halted) else "failed" if failure else "stopped"
        try:
            await self._say(state, str(failure or ""))
        except StoreAway as error:
            log.warning("could not say goodbye: %s", error)

    async def _say(self, state: str, note: str) -> None:
        await self._store.workers.beat(
            Heartbeat(
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
        )
