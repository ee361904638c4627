"""How long a process that a fault hit takes to work again, read from its heartbeats."""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from shared.errors import StoreUnavailable
from shared.store import Heartbeat, Store
from tests.faults.system.service_processes import ManagedProcess, ServiceProcesses

POLL_SECONDS = 0.4


@dataclass
class Impact:
    """A fault and a process that it hit. *received*: the records that the process had handled."""

    fault: str
    process_name: str
    at: float  # seconds since 1970
    pid: int
    received: int


@dataclass
class RecoveryTimes:
    """Watches the heartbeats; `longest` has the longest recovery by kind of fault, in seconds."""

    processes: ServiceProcesses
    store: Store
    longest: dict[str, float] = field(default_factory=dict)
    _impacts: list[Impact] = field(default_factory=list)
    _heartbeats: dict[str, Heartbeat] = field(default_factory=dict)

    def note_fault(self, fault: str, processes: Iterable[ManagedProcess]) -> None:
        now = time.time()
        for managed in processes:
            impact = Impact(fault, managed.name, now, managed.pid, self._count_received(managed))
            self._impacts.append(impact)

    def is_well(self, managed: ManagedProcess) -> bool:
        """Whether this very process reported that it works."""
        heartbeat = self._heartbeats.get(managed.name)
        if heartbeat is None:
            return False
        return heartbeat.pid == managed.pid and heartbeat.state == "working"

    async def watch(self) -> None:
        """Run beside the faults, until cancelled."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            try:
                heartbeats = await self.store.workers.list_heartbeats()
            except StoreUnavailable:
                continue
            self._heartbeats = {_process_name(heartbeat): heartbeat for heartbeat in heartbeats}
            self._impacts = [impact for impact in self._impacts if not self._is_over(impact)]

    def _is_over(self, impact: Impact) -> bool:
        """Whether the process has handled records since, or has none to handle.

        Notes how long that took.
        """
        managed = self.processes.by_name.get(impact.process_name)
        heartbeat = self._heartbeats.get(impact.process_name)
        if managed is None:
            return True
        if heartbeat is None or not self.is_well(managed):
            return False
        took = heartbeat.at.timestamp() - impact.at
        received_before = impact.received if heartbeat.pid == impact.pid else 0
        is_idle = heartbeat.lag == 0
        is_working = heartbeat.counts.get("received", 0) > received_before
        if took <= 0 or not (is_working or is_idle):
            return False
        self.longest[impact.fault] = max(took, self.longest.get(impact.fault, 0))
        return True

    def _count_received(self, managed: ManagedProcess) -> int:
        heartbeat = self._heartbeats.get(managed.name)
        return heartbeat.counts.get("received", 0) if heartbeat else 0


def _process_name(heartbeat: Heartbeat) -> str:
    return heartbeat.instance.split("-faults-", 1)[-1]
