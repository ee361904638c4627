"""Drops a large folder beside live work: in chunks, each after the receipts of the one before.

How far it has come is kept in the state directory. A process that dies in the middle of a chunk
drops that chunk again, which does no harm.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from services.console.actions.checkpoint import Checkpoint, name_place
from services.console.actions.drops.backfill_files import (
    count_seed_files,
    load_chunk,
    walk_seed_files,
)
from services.console.actions.drops.backfill_pace import Pace
from services.console.actions.drops.drop_keys import assign_keys
from services.console.actions.drops.dropper import open_dropper
from services.console.sampling.stage_samples import StageSampler
from shared.article import SeedError, parse_seed
from shared.clock import now
from shared.drops.receipt import Receipt
from shared.drops.seed import Seed, Sent
from shared.errors import KafkaUnavailable
from shared.settings import Settings

CHECK_INTERVAL: Final = 0.5  # seconds, while the backfill waits for live work
RECEIPT_TIMEOUT: Final = 60.0  # seconds without any receipt


class Dropper(Protocol):
    async def send(self, seeds: Sequence[Seed]) -> list[Sent]: ...
    async def wait_for_receipts(self, sent: Sequence[Sent], timeout: float) -> list[Receipt]: ...


@dataclass
class BackfillReport:
    """How far it has come. *delay* is what a live drop would wait, in seconds."""

    total: int
    done: int = 0  # files, with those of earlier runs
    delay: float = 0.0
    is_waiting: bool = False
    statuses: Counter[str] = field(default_factory=Counter)  # of this run


OnChunk = Callable[[BackfillReport, Sequence[Receipt]], object]
"""Called after each chunk with its receipts, and without any while the backfill waits."""


class Backfill:
    """One run over *folder*. *measure_delay* says how long a live drop would wait now."""

    def __init__(
        self,
        folder: Path,
        checkpoint: Checkpoint,
        dropper: Dropper,
        measure_delay: Callable[[], Awaitable[float]],
        pace: Pace,
        on_chunk: OnChunk,
        check_interval: float = CHECK_INTERVAL,
    ) -> None:
        self._folder = folder
        self._checkpoint = checkpoint
        self._dropper = dropper
        self._measure_delay = measure_delay
        self._pace = pace
        self._on_chunk = on_chunk
        self._check_interval = check_interval

    async def run(self) -> BackfillReport:
        """Drop what is left. Raises KafkaUnavailable where a chunk stays unanswered."""
        place = self._checkpoint.load()
        report = BackfillReport(count_seed_files(self._folder), int(place.get("done", 0)))
        paths = walk_seed_files(self._folder, str(place.get("after", "")))
        while True:
            await self._wait_for_live_work(report)
            taken, receipts = await self._drop_chunk(paths)
            if not taken:
                break
            report.done += len(taken)
            report.statuses.update(receipt.status for receipt in receipts)
            self._checkpoint.save({"after": taken[-1], "done": report.done})
            self._on_chunk(report, receipts)
        self._checkpoint.clear()
        return report

    async def _wait_for_live_work(self, report: BackfillReport) -> None:
        """Return when a live drop would not wait for longer than it may."""
        report.delay = await self._measure_delay()
        self._pace = self._pace.after(report.delay)
        while self._pace.must_wait(report.delay):
            report.is_waiting = True
            self._on_chunk(report, ())
            await asyncio.sleep(self._check_interval)
            report.delay = await self._measure_delay()
        report.is_waiting = False

    async def _drop_chunk(self, paths: Iterator[str]) -> tuple[list[str], list[Receipt]]:
        taken, seeds, unreadable = load_chunk(self._folder, paths, self._pace.size)
        sent = await self._dropper.send(assign_keys(seeds))
        receipts = await self._dropper.wait_for_receipts(sent, RECEIPT_TIMEOUT)
        unanswered = sum(receipt.status == "sent" for receipt in receipts)
        if unanswered:
            raise KafkaUnavailable(
                f"{unanswered} drops were not answered within {RECEIPT_TIMEOUT:g} s: is ingest"
                " running (`seedwire status`)? Run the command again: it goes on from here"
            )
        return taken, [*unreadable, *receipts]


async def backfill(
    settings: Settings, folder: Path, most_delay: float, on_chunk: OnChunk
) -> BackfillReport:
    """Drop the folder, from where an earlier run ended. Raises KafkaUnavailable, SettingsError."""
    checkpoint = find_checkpoint(settings, folder)
    with checkpoint.hold():
        async with open_dropper(settings) as dropper, _open_delay_meter(settings) as measure_delay:
            pace = Pace(most_delay)
            work = Backfill(folder, checkpoint, dropper, measure_delay, pace, on_chunk)
            return await work.run()


@dataclass(frozen=True)
class Preview:
    """What a backfill would drop, and which of it are no seeds: a sentence for each."""

    files: int
    done: int  # by an earlier run
    faults: Sequence[str]


def preview_backfill(settings: Settings, folder: Path, most_faults: int = 20) -> Preview:
    """Read every file that is left and drop nothing. Faults beyond *most_faults* are left out."""
    place = find_checkpoint(settings, folder).load()
    paths = walk_seed_files(folder, str(place.get("after", "")))
    files, faults = 0, list[str]()
    while True:
        taken, seeds, unreadable = load_chunk(folder, paths, 100)
        if not taken:
            return Preview(files, int(place.get("done", 0)), faults[:most_faults])
        files += len(taken)
        faults += [f"{receipt.path}: {receipt.errors[0]['message']}" for receipt in unreadable]
        faults += filter(None, map(_find_fault, seeds))


def find_checkpoint(settings: Settings, folder: Path) -> Checkpoint:
    """Where the state directory keeps how far the backfill of *folder* has come.

    Into another Kafka or another store it begins anew: that one has nothing yet.
    """
    name = name_place(str(folder.resolve()), settings.kafka, settings.store_url)
    return Checkpoint(settings.home / "backfill" / f"{name}.json")


def _find_fault(seed: Seed) -> str | None:
    try:
        parse_seed(seed.content)
    except SeedError as error:
        return f"{seed.path}: {error}"
    return None


@asynccontextmanager
async def _open_delay_meter(settings: Settings) -> AsyncIterator[Callable[[], Awaitable[float]]]:
    """Measures how long the oldest record of any stage has waited, in seconds."""
    sampler = StageSampler(settings, now)

    async def measure_delay() -> float:
        samples = await sampler.measure()
        return max((stage.oldest_seconds for stage in samples.stages), default=0.0)

    try:
        yield measure_delay
    finally:
        await sampler.close()
