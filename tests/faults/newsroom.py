"""A newsroom under test: engines, services, a stream of seeds pouring in, and the outside that listens."""

import asyncio
import contextlib
import random
import signal
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Final

from services.console.cli.wait import settled
from shared.errors import EngineAway
from shared.settings import Settings
from shared.store import Store, connect
from tests.faults.ears import Outside
from tests.faults.engines import Engines, Kind, engines
from tests.faults.fleet import Fleet, Slot
from tests.faults.picture_hosts import picture_hosts
from tests.faults.recovery import Recovery
from tests.faults.stream import Drop, Stream

DRAIN_SECONDS: Final = (
    240.0  # a group of the embedded broker that locks is noticed after a minute and a half
)
BURST_SECONDS: Final = 0.7  # between two bursts of drops

SERVICES: Final = {
    "SEEDWIRE_BATCH_RECORDS": "20",  # many batches, many places to die between them
    "SEEDWIRE_PATIENCE_SECONDS": "120",
    "SEEDWIRE_GRACE_SECONDS": "5",
    "SEEDWIRE_INVALID_SHARE": "1",
    "SEEDWIRE_INGEST_SWEEP_SECONDS": "2",
    "SEEDWIRE_INGEST_OVERDUE_SECONDS": "6",
    "SEEDWIRE_PUBLISH_SWEEP_SECONDS": "2",
    "SEEDWIRE_PUBLISH_OVERDUE_SECONDS": "6",
    "SEEDWIRE_IMAGES_ALLOW_NETWORKS": "127.0.0.0/8",
    "SEEDWIRE_IMAGES_FIRST_SECONDS": "1",
    "SEEDWIRE_IMAGES_LONG_SECONDS": "5",
    "SEEDWIRE_IMAGES_RETRY_SECONDS": "2",
    "SEEDWIRE_IMAGES_PARKED_SECONDS": "1",
}


@dataclass
class Newsroom:
    engines: Engines
    fleet: Fleet
    stream: Stream
    outside: Outside
    store: Store
    settings: Settings
    recovery: Recovery
    chance: random.Random
    started_over: int = 0  # times that a group locked
    poison: int = 0  # records of bad bytes that must be kept
    pouring: asyncio.Lock = field(
        default_factory=asyncio.Lock
    )  # held: nothing is dropped meanwhile

    async def pour(self, enough: asyncio.Event, largest_burst: int = 4) -> None:
        """Drop, some at a time, until it is enough."""
        while not enough.is_set():
            async with self.pouring:
                await self.outside.drop(
                    [self.stream.next() for _ in range(self.chance.randint(1, largest_burst))]
                )
            await asyncio.sleep(BURST_SECONDS)

    async def look_after(self) -> None:
        """Start again what died, and everything when a group of the embedded broker locks: as `seedwire up` does."""
        while True:
            self.fleet.tick()
            if self.fleet.locked and self.engines.forgets:
                self.started_over += 1
                await self.bounce_broker()
            await asyncio.sleep(0.1)

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[Slot]:
        """A process that works and that no other fault works on, for this fault alone."""
        slot = await self._free()
        slot.held = True
        try:
            yield slot
        finally:
            self.fleet.disarm(slot)
            slot.held = False

    async def _free(self) -> Slot:
        while True:
            steady = (slot for slot in self.fleet.slots.values() if slot.steady and not slot.held)
            if free := [slot for slot in steady if slot.alive and self.recovery.is_well(slot)]:
                return self.chance.choice(free)
            await asyncio.sleep(0.1)

    async def drained(self, seconds: float = DRAIN_SECONDS) -> str:
        """What is left after everybody had time to finish; empty: nothing."""
        until = time.monotonic() + seconds
        left = "the engines do not answer"
        while time.monotonic() < until:
            with contextlib.suppress(EngineAway):
                remaining = await settled(
                    self.settings, self.store, max(1.0, until - time.monotonic())
                )
                left = "" if remaining.nothing else str(remaining)
                break
            await asyncio.sleep(0.5)
        if not left and not await self.outside.catch_up():
            return "records that were never heard"
        return left

    async def bounce_broker(self) -> None:
        """The broker dies hard and comes back: with its data, or, the embedded one, as a unit with the services."""
        if not self.engines.forgets:
            self.engines.kill_broker()
            await asyncio.sleep(self.chance.uniform(0, 1.5))
            await self.engines.start_broker()
            return
        async with self.pouring:
            self.fleet.paused = True
            self.engines.kill_broker()
            await asyncio.sleep(self.chance.uniform(0, 1))
            await self.outside.close()
            await asyncio.to_thread(
                self.fleet.stop, self.chance.choice([signal.SIGTERM, signal.SIGKILL])
            )
            await self.engines.start_broker()
            await self.outside.open()
            self.fleet.paused = self.fleet.locked = False
            self.poison = 0
            await self.outside.drop(unanswered_and_after(self.stream.drops, self.outside))


def unanswered_and_after(drops: Sequence[Drop], outside: Outside) -> list[Drop]:
    """What a submitter drops again when the topics are gone: of each article all from the first unanswered one on."""
    again: list[Drop] = []
    for _, group in groupby(sorted(drops, key=lambda drop: drop.key), key=lambda drop: drop.key):
        waiting = list(group)
        while waiting and waiting[0].number in outside.answers:
            waiting.pop(0)
        again += waiting
    return again


@asynccontextmanager
async def newsroom(
    kind: Kind, seed: int, folder: Path, bug: tuple[str, str] | None = None
) -> AsyncIterator[Newsroom]:
    """Everything up and seeds pouring in; everything gone afterwards."""
    async with AsyncExitStack() as stack:
        running = await stack.enter_async_context(engines(kind, folder))
        hosts = stack.enter_context(picture_hosts())
        session = {"SEEDWIRE_SESSION_TIMEOUT_MS": str(int(running.session_seconds * 1000))}
        environment = {"SEEDWIRE_HOME": str(folder), **SERVICES, **session, **running.settings}
        fleet = Fleet(folder / "services", environment, seed, bug)
        stack.callback(fleet.stop, signal.SIGKILL)
        names = {
            name.removeprefix("SEEDWIRE_").lower(): value for name, value in environment.items()
        }
        settings = Settings(**{**names, "store": running.store})  # type: ignore[arg-type]
        store = connect(settings.store_url)
        await store.open()
        stack.push_async_callback(store.close)
        outside = Outside(settings)
        await outside.open()
        stack.push_async_callback(outside.close)
        recovery = Recovery(fleet, store)
        chance = random.Random(f"faults {seed}")
        room = Newsroom(
            running, fleet, Stream(seed, hosts), outside, store, settings, recovery, chance
        )
        tasks = [asyncio.create_task(work) for work in (room.look_after(), room.recovery.watch())]
        stack.push_async_callback(_ended, tasks)
        yield room


async def _ended(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
