"""Services with work to do and no process that does it: whoever waits for them waits in vain.

A process that restarts, or is replaced by one of another version, is away for seconds. So a service
counts as absent only after a while.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Final

from services.console.actions.operations.pending_work import SERVICE_OF, PendingWork
from services.console.actions.operations.standstill import LIVE_STATES
from services.console.sampling.stages import name_service
from services.console.sampling.worker_states import state_of
from shared.clock import Clock, now
from shared.store import Heartbeat, Store

# A process that starts on a busy machine says so after some ten seconds.
ABSENT_AFTER: Final = 30.0


class AbsenceWatch:
    """Notes, from one check to the next, which services with pending work have no process."""

    def __init__(
        self,
        store: Store,
        clock: Clock = now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._clock = clock
        self._monotonic = monotonic
        self._absent_since: dict[str, float] = {}
        self._heartbeats: Sequence[Heartbeat] = ()

    async def is_hopeless(self, pending: PendingWork) -> bool:
        """Whether a service with *pending* work has been absent for long. Raises StoreUnavailable.

        It counts from the first of the checks that all found it absent.
        """
        self._heartbeats = await self._store.workers.list_heartbeats()
        at = self._monotonic()
        absent = find_absent(pending, self._heartbeats, self._clock())
        since = self._absent_since
        self._absent_since = {service: since.get(service, at) for service in absent}
        return bool(self.services)

    @property
    def services(self) -> list[str]:
        """Those that have been absent for long."""
        at = self._monotonic()
        return [name for name, since in self._absent_since.items() if at - since >= ABSENT_AFTER]

    def describe(self) -> str:
        """What is wrong and what to do, in sentences; empty if no service is absent."""
        sentences: list[str] = []
        for service in self.services:
            ended = _describe_last(service, self._heartbeats)
            sentences.append(f"No process of {service} has run for {ABSENT_AFTER:g} s{ended}.")
        if sentences:
            sentences.append("Start one: `seedwire up --detach` does, on this machine")
        return " ".join(sentences)


def find_absent(pending: PendingWork, heartbeats: Iterable[Heartbeat], at: datetime) -> list[str]:
    """The services that have *pending* work and no live process, sorted."""
    needed = {name_service(stage) for stage, count in pending.lag.items() if count}
    needed.update(SERVICE_OF[task] for task, count in pending.waiting.items() if count)
    live = {beat.service for beat in heartbeats if state_of(beat, at) in LIVE_STATES}
    return sorted(needed - live)


def _describe_last(service: str, heartbeats: Iterable[Heartbeat]) -> str:
    """How the process of *service* ended that was heard of last."""
    own = [heartbeat for heartbeat in heartbeats if heartbeat.service == service]
    if not own:
        return ""
    last = max(own, key=lambda heartbeat: heartbeat.at)
    note = f": {last.note}" if last.note else ""
    return f" (the last one, {last.instance} on {last.host}, {_how_it_ended(last)}{note})"


def _how_it_ended(heartbeat: Heartbeat) -> str:
    return "fell silent" if heartbeat.state in LIVE_STATES else heartbeat.state
