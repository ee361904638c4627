"""How long a process that was hit takes until it gets on: read from the heartbeats, as an operator would."""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from shared.errors import StoreAway
from shared.store import Heartbeat, Store
from tests.faults.fleet import Fleet, Slot


@dataclass
class Hit:
    """A fault and the process that it hit. *received*: how many records that had handled, by its word."""

    kind: str
    slot: str
    at: float  # seconds since 1970
    pid: int
    received: int


@dataclass
class Recovery:
    fleet: Fleet
    store: Store
    longest: dict[str, float] = field(default_factory=dict)  # seconds, by kind of fault
    _hits: list[Hit] = field(default_factory=list)
    _beats: dict[str, Heartbeat] = field(default_factory=dict)

    def hit(self, kind: str, slots: Iterable[Slot]) -> None:
        now = time.time()
        self._hits += [Hit(kind, slot.name, now, slot.pid, self._received(slot)) for slot in slots]

    def is_well(self, slot: Slot) -> bool:
        """Whether this very process said that it works."""
        beat = self._beats.get(slot.name)
        return beat is not None and beat.pid == slot.pid and beat.state == "working"

    @property
    def open(self) -> list[Hit]:
        """Hits that nobody has recovered from yet."""
        return [hit for hit in self._hits if hit.slot in self.fleet.slots]

    async def watch(self) -> None:
        while True:
            await asyncio.sleep(0.4)
            try:
                beats = await self.store.workers.all()
            except StoreAway:
                continue
            self._beats = {beat.instance.split("-faults-", 1)[-1]: beat for beat in beats}
            self._hits = [hit for hit in self._hits if not self._is_over(hit)]

    def _is_over(self, hit: Hit) -> bool:
        slot, beat = self.fleet.slots.get(hit.slot), self._beats.get(hit.slot)
        if slot is None:
            return True
        if beat is None or not self.is_well(slot) or beat.at.timestamp() <= hit.at:
            return False
        before = hit.received if beat.pid == hit.pid else 0
        if beat.counts.get("received", 0) <= before and beat.lag != 0:
            return False
        took = beat.at.timestamp() - hit.at
        self.longest[hit.kind] = max(took, self.longest.get(hit.kind, 0))
        return True

    def _received(self, slot: Slot) -> int:
        beat = self._beats.get(slot.name)
        return beat.counts.get("received", 0) if beat else 0
