"""The heartbeat: a status row in the store, so that `status` sees this process wherever it runs."""

import asyncio
import logging
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from shared.broker.reading.progress import STARTING, Progress
from shared.errors import DependencyRejected, ProcessingHalted, StoreUnavailable
from shared.runtime.liveness.health import Obstacle
from shared.runtime.logging.logs import report_dropped
from shared.settings import Settings
from shared.store import Heartbeat, Store
from shared.store.layout import SCHEMA

log = logging.getLogger(__name__)

INTERVAL_SECONDS: Final = 1.0
STARTING_SECONDS: Final = 0.2  # between two of a process that starts: somebody waits until it works
# A process that waits as its predecessor of the same instance did waits since then: a supervisor
# restarts a process within seconds, and one that died of a wait had waited for minutes.
MAX_RESTART: Final = timedelta(minutes=2)
MAX_INHERITING_SECONDS: Final = 300.0  # it has met what stopped its predecessor by then, or not


@dataclass(frozen=True)
class _Wait:
    """What the process waits for, since when."""

    what: str = ""
    since: datetime | None = None


def _find_no_obstacle() -> Obstacle | None:
    return None


class HeartbeatWriter:
    """Writes the heartbeat of one process. *lag* and *find_obstacle* are asked before each."""

    def __init__(
        self,
        service: str,
        settings: Settings,
        store: Store,
        progress: Progress,
        lag: Callable[[], int | None],
        find_obstacle: Callable[[], Obstacle | None] = _find_no_obstacle,
        mode: str = "",
    ) -> None:
        self._service = service
        self._settings = settings
        self._store = store
        self._progress = progress
        self._lag = lag
        self._find_obstacle = find_obstacle
        self._mode = mode
        self._wait = _Wait()
        self._inherited: _Wait | None = None  # of the process before; None: not known yet

    async def run(self) -> None:
        """Write a heartbeat every second, more often at the start, until cancelled.

        While the store is unavailable, heartbeats are skipped: the consumer already waits for it.
        """
        while True:
            try:
                if self._inherited is None:
                    self._inherited = await self._load_wait()
                await self._write_current()
                self._progress.stored = self._progress.clock()
            except StoreUnavailable as error:
                log.debug("no heartbeat: %s", error)
            report_dropped()
            is_starting = self._progress.state == STARTING
            await asyncio.sleep(STARTING_SECONDS if is_starting else INTERVAL_SECONDS)

    async def write_last(self, failure: BaseException | None) -> None:
        """Write how this process ended: stopped, halted or failed, and why.

        After a failure the row says what the process was waiting for, for the next one to inherit.
        """
        if failure is None:
            self._wait = _Wait()
        try:
            await self._write(_final_state(failure), str(failure or ""))
        except StoreUnavailable as error:
            log.warning("the last heartbeat could not be written: %s", error)

    @property
    def _instance(self) -> str:
        return f"{self._service}-{self._settings.instance_id}"

    async def _write_current(self) -> None:
        obstacle = self._find_obstacle()
        self._wait = self._describe_wait(obstacle)
        note = self._progress.note
        if obstacle is not None and not note:
            note = obstacle.note
        await self._write(self._progress.state, note)

    async def _write(self, state: str, note: str) -> None:
        lag = self._lag()
        heartbeat = Heartbeat(
            instance=self._instance,
            service=self._service,
            host=socket.gethostname(),
            pid=os.getpid(),
            state=state,
            at=datetime.now(UTC),
            lag=lag,
            counts=dict(self._progress.counts),
            note=note,
            waits_for=self._wait.what,
            waits_since=self._wait.since,
            handled_at=datetime.now(UTC) if lag == 0 else self._find_last_handled(),
            schema=SCHEMA,
            mode=self._mode,
        )
        await self._store.workers.save_heartbeat(heartbeat)

    def _describe_wait(self, obstacle: Obstacle | None) -> _Wait:
        if obstacle is None:
            return _Wait()
        since = datetime.now(UTC) - timedelta(seconds=obstacle.seconds)
        for earlier in (self._wait, self._find_inherited()):
            if earlier.what == obstacle.what and earlier.since is not None:
                since = min(since, earlier.since)
        return _Wait(obstacle.what, since)

    def _find_inherited(self) -> _Wait:
        """What the process before waited for, unless this one has got further since."""
        age = self._progress.clock() - self._progress.began
        if self._progress.handled is not None or age > MAX_INHERITING_SECONDS:
            return _Wait()
        return self._inherited or _Wait()

    async def _load_wait(self) -> _Wait:
        """What the process before, of the same instance, was waiting for when it ended."""
        earliest = datetime.now(UTC) - MAX_RESTART
        for heartbeat in await self._store.workers.list_heartbeats():
            if heartbeat.instance == self._instance and heartbeat.at > earliest:
                return _Wait(heartbeat.waits_for, heartbeat.waits_since)
        return _Wait()

    def _find_last_handled(self) -> datetime | None:
        if self._progress.handled is None:
            return None
        seconds = self._progress.clock() - self._progress.handled
        return datetime.now(UTC) - timedelta(seconds=seconds)


def _final_state(failure: BaseException | None) -> str:
    if failure is None:
        return "stopped"
    is_halted = isinstance(failure, (ProcessingHalted, DependencyRejected))
    return "halted" if is_halted else "failed"
