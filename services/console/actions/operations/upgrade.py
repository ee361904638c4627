"""How far the store's schema has come, and finishing an upgrade: older versions are then refused.

Steps are applied by whoever opens the store first. What cannot be taken back is only done here,
when a person asks for it and no older worker is left.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.console.sampling.worker_states import FORGET_AFTER
from shared.clock import Clock, now
from shared.store import Heartbeat, Store
from shared.store.layout import SCHEMA, STEPS
from shared.store.ports.operations.workers import FINAL_STATES


@dataclass(frozen=True)
class Step:
    """A step of the schema, as this version knows it."""

    number: int
    adds: str
    is_applied: bool


@dataclass(frozen=True)
class UpgradeState:
    """The steps, the lowest one that a version must know, and who still works without the rest."""

    layout: int
    steps: Sequence[Step]
    older_workers: Sequence[Heartbeat]
    dropped: Sequence[str] = ()  # by finishing: what only older versions used

    @property
    def is_finished(self) -> bool:
        return self.layout >= SCHEMA

    def as_json(self) -> dict[str, Any]:
        steps = [
            {"number": step.number, "adds": step.adds, "applied": step.is_applied}
            for step in self.steps
        ]
        return {
            "schema": SCHEMA,
            "layout": self.layout,
            "finished": self.is_finished,
            "steps": steps,
            "olderWorkers": [worker.instance for worker in self.older_workers],
            "dropped": list(self.dropped),
        }


async def load_upgrade_state(store: Store, clock: Clock = now) -> UpgradeState:
    """The state now; changes nothing."""
    state = await store.schema.load_state()
    steps = [Step(number, adds, number in state.applied) for number, adds in STEPS.items()]
    heartbeats = await store.workers.list_heartbeats()
    return UpgradeState(state.layout, steps, find_older_workers(heartbeats, clock()))


async def finish_upgrade(store: Store, clock: Clock = now) -> UpgradeState:
    """Refuse the store to older versions and drop what only they used, unless one still works.

    The store is closed to them before the second look, so none can start in between. A process that
    dies in the middle leaves the store closed to them; repeating the call does the rest.
    """
    before = await load_upgrade_state(store, clock)
    if before.older_workers:
        return before
    await store.schema.set_layout(SCHEMA)
    closed = await load_upgrade_state(store, clock)
    if closed.older_workers:
        await store.schema.set_layout(before.layout)
        return await load_upgrade_state(store, clock)
    dropped = await store.schema.drop_unused()
    return UpgradeState(closed.layout, closed.steps, (), dropped)


def find_older_workers(heartbeats: Sequence[Heartbeat], at: datetime) -> list[Heartbeat]:
    """Those that may still work and do not know the newest step.

    A process that fell silent without an end may come back, so it counts for an hour.
    """
    return [
        heartbeat
        for heartbeat in heartbeats
        if heartbeat.schema < SCHEMA
        and heartbeat.state not in FINAL_STATES
        and at - heartbeat.at < FORGET_AFTER
    ]
