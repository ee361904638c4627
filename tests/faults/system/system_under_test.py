"""What a fault run works on: engines, services, a stream of drops, the outside world."""

import asyncio
import contextlib
import random
import signal
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from services.console.actions.operations.pending_work import wait_until_done
from shared.errors import DependencyUnavailable
from shared.settings import Settings
from shared.store import Store, connect
from tests.faults.system.engines import EngineKind, Engines, start_engines
from tests.faults.system.external_client import ExternalClient
from tests.faults.system.faulty_hosts import run_picture_hosts
from tests.faults.system.recovery import RecoveryTimes
from tests.faults.system.seed_stream import SeedDrop, SeedStream
from tests.faults.system.service_processes import ManagedProcess, ServiceProcesses

# How long all drops may take to pass every stage after the last fault. A group of the embedded
# broker that rejects joins is noticed after a minute and a half; on a busy machine this may happen
# twice.
DRAIN_SECONDS: Final = 600.0
# How long all processes may take to report that they work.
START_SECONDS: Final = 300.0
BURST_PAUSE_SECONDS: Final = 0.7  # between two bursts of drops

SERVICE_SETTINGS: Final = {
    "SEEDWIRE_BATCH_RECORDS": "20",  # many batches, so many places to die between them
    "SEEDWIRE_RETRY_SECONDS": "120",
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
class SystemUnderTest:
    """What faults are injected into. *random* chooses them."""

    engines: Engines
    processes: ServiceProcesses
    stream: SeedStream
    client: ExternalClient
    store: Store
    settings: Settings
    recovery: RecoveryTimes
    random: random.Random
    full_restarts: int = 0  # because a consumer group of the embedded broker rejected joins
    poison_count: int = 0  # invalid records in internal topics, which must be kept as rejected
    # Held while nothing may be dropped.
    dropping: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def drop_seeds(self, stop: asyncio.Event, largest_burst: int = 4) -> None:
        """Drop seeds in bursts until *stop* is set."""
        while not stop.is_set():
            async with self.dropping:
                drops = self.stream.make_drops(self.random.randint(1, largest_burst))
                await self.client.send_drops(drops)
            await asyncio.sleep(BURST_PAUSE_SECONDS)

    async def supervise(self) -> None:
        """Restart what ends, as `seedwire up` does. Run beside the faults, until cancelled.

        If a consumer group of the embedded broker rejects joins, everything is restarted.
        """
        while True:
            self.processes.restart_ended()
            if self.processes.was_join_rejected and self.engines.loses_topics:
                self.full_restarts += 1
                await self.bounce_broker()
            await asyncio.sleep(0.1)

    async def wait_until_all_work(self) -> None:
        """Raises TimeoutError if some process does not report that it works."""
        await self.wait_until_well(self.processes.permanent, START_SECONDS)

    async def wait_until_well(
        self, processes: Sequence[ManagedProcess], timeout_seconds: float
    ) -> None:
        """Wait until all these processes report that they work. Raises TimeoutError."""
        deadline = time.monotonic() + timeout_seconds
        while not all(map(self.recovery.is_well, processes)):
            if time.monotonic() > deadline:
                names = ", ".join(managed.name for managed in processes)
                raise TimeoutError(f"{names} did not start within {timeout_seconds:g} s")
            await asyncio.sleep(0.1)

    @asynccontextmanager
    async def reserve_process(self) -> AsyncIterator[ManagedProcess]:
        """A process that works, for one fault alone."""
        managed = await self._find_free_process()
        managed.is_reserved = True
        try:
            yield managed
        finally:
            self.processes.disarm(managed)
            managed.is_reserved = False

    async def _find_free_process(self) -> ManagedProcess:
        while True:
            free = [managed for managed in self.processes.permanent if self._is_free(managed)]
            if free:
                return self.random.choice(free)
            await asyncio.sleep(0.1)

    def _is_free(self, managed: ManagedProcess) -> bool:
        return not managed.is_reserved and managed.is_alive and self.recovery.is_well(managed)

    async def drain(self, seconds: float = DRAIN_SECONDS) -> str:
        """Wait until every drop has passed every stage; returns what is still pending.

        Then also read what the topics contain.
        """
        deadline = time.monotonic() + seconds
        pending = "the engines do not answer"
        while time.monotonic() < deadline:
            with contextlib.suppress(DependencyUnavailable):
                remaining_seconds = max(1.0, deadline - time.monotonic())
                work = await wait_until_done(self.settings, self.store, remaining_seconds)
                pending = "" if work.is_empty else str(work)
                break
            await asyncio.sleep(0.5)
        if not pending and not await self.client.catch_up():
            return "records that could not be read"
        return pending

    async def bounce_broker(self) -> None:
        """Kill the broker and start it again.

        Apache Kafka comes back with its data. The embedded broker is replaced together with all
        services, and what was not answered is dropped again.
        """
        if not self.engines.loses_topics:
            self.engines.kill_broker()
            await asyncio.sleep(self.random.uniform(0, 1.5))
            await self.engines.start_broker()
            return
        async with self.dropping:
            self.processes.is_paused = True
            self.engines.kill_broker()
            await asyncio.sleep(self.random.uniform(0, 1))
            await self.client.close()
            end_signal = self.random.choice([signal.SIGTERM, signal.SIGKILL])
            await asyncio.to_thread(self.processes.stop, end_signal)
            await self.engines.start_broker()
            await self.client.open()
            self.processes.is_paused = self.processes.was_join_rejected = False
            self.poison_count = 0
            await self.client.send_drops(select_drops_to_repeat(self.stream.drops, self.client))


def select_drops_to_repeat(drops: Sequence[SeedDrop], client: ExternalClient) -> list[SeedDrop]:
    """What a submitter drops again after the topics were lost.

    Of each article these are all drops from the first one that was not answered.
    """
    repeated = []
    keys_to_repeat = set()
    for drop in sorted(drops, key=lambda drop: drop.key):
        if drop.number not in client.receipts:
            keys_to_repeat.add(drop.key)
        if drop.key in keys_to_repeat:
            repeated.append(drop)
    return repeated


@asynccontextmanager
async def start_system(
    kind: EngineKind, seed: int, folder: Path, bug: tuple[str, str] | None = None
) -> AsyncIterator[SystemUnderTest]:
    """Yields a system whose services are being started, and stops everything afterwards."""
    async with AsyncExitStack() as stack:
        engines = await stack.enter_async_context(start_engines(kind, folder))
        hosts = stack.enter_context(run_picture_hosts())
        environment = _build_environment(engines, folder)
        processes = ServiceProcesses(folder / "services", environment, seed, bug)
        stack.callback(processes.stop, signal.SIGKILL)
        settings = _build_settings({**environment, "SEEDWIRE_STORE": engines.store})
        store = connect(settings.store_url)
        await store.open()
        stack.push_async_callback(store.close)
        client = ExternalClient(settings)
        await client.open()
        stack.push_async_callback(client.close)
        system = SystemUnderTest(
            engines=engines,
            processes=processes,
            stream=SeedStream(seed, hosts),
            client=client,
            store=store,
            settings=settings,
            recovery=RecoveryTimes(processes, store),
            random=random.Random(f"faults {seed}"),
        )
        supervising = asyncio.create_task(system.supervise())
        watching = asyncio.create_task(system.recovery.watch())
        stack.push_async_callback(_cancel, [supervising, watching])
        yield system


def _build_environment(engines: Engines, folder: Path) -> dict[str, str]:
    session_timeout = str(int(engines.session_seconds * 1000))
    return {
        "SEEDWIRE_HOME": str(folder),
        **SERVICE_SETTINGS,
        "SEEDWIRE_SESSION_TIMEOUT_MS": session_timeout,
        **engines.settings,
    }


def _build_settings(environment: dict[str, str]) -> Settings:
    """For the harness itself."""
    values = {}
    for name, value in environment.items():
        values[name.removeprefix("SEEDWIRE_").lower()] = value
    return Settings(**values)  # type: ignore[arg-type]


async def _cancel(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
