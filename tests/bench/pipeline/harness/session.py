"""A candidate at work: started once, warmed up, then measured burst after burst.

A backlog is laid while every process is paused, so that laying it takes no CPU from them and the
clock starts with all of it there. An article is through when its first record is in
`published.log`; the time is the one that its producer wrote into the record.
"""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiokafka import AIOKafkaProducer

from tests.bench.pipeline.builds.candidates import Candidate
from tests.bench.pipeline.harness.engines import Engines
from tests.bench.pipeline.harness.processes import Processes
from tests.bench.pipeline.harness.seeds import Seed, build_seeds
from tests.bench.pipeline.harness.topics import (
    TopicWatcher,
    create_topics,
    lay_seeds,
    open_producer,
    wait_for,
    watch_topic,
)

WARM_UP = 100
MAX_SECONDS = 300.0
SETTLING_SECONDS = 0.4  # commits and acknowledgements follow the last article
CORES = 2
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Burst:
    """What a backlog of *articles* cost."""

    articles: int
    seconds: float
    cpu: dict[str, float]  # seconds of CPU, by role
    engine_cpu: dict[str, float]

    @property
    def articles_a_second(self) -> float:
        return self.articles / self.seconds

    @property
    def cpu_ms(self) -> float:
        """Milliseconds of CPU of all processes for one article, without the engines."""
        return 1000 * sum(self.cpu.values()) / self.articles

    @property
    def busy(self) -> float:
        """The share of two cores at work, engines included."""
        used = sum(self.cpu.values()) + sum(self.engine_cpu.values())
        return used / (CORES * self.seconds)

    def role_ms(self, role: str) -> float:
        return 1000 * self.cpu.get(role, 0.0) / self.articles


@dataclass
class Session:
    engines: Engines
    processes: Processes
    producer: AIOKafkaProducer
    watcher: TopicWatcher

    async def run_burst(self, articles: int) -> Burst:
        """Measure so many unrelated articles, until each has its record in `published.log`."""

        async def wait_until_published() -> float:
            await wait_for(self.watcher, articles, MAX_SECONDS, self.processes.check)
            return max(self.watcher.arrivals.values())

        return await self.run_seeds(
            build_seeds(articles, f"burst{next(_numbers)}"), wait_until_published
        )

    async def run_seeds(self, seeds: Sequence[Seed], wait: Callable[[], Awaitable[float]]) -> Burst:
        """Measure *seeds*. *wait* returns when all of them are through, and says since when."""
        self.watcher.forget()
        self.processes.pause()
        await lay_seeds(self.producer, seeds)
        cpu, engine_cpu = self.processes.read_cpu(), self.engines.read_cpu()
        began = time.time()
        self.processes.resume()
        ended = await wait()
        await asyncio.sleep(SETTLING_SECONDS)
        self.processes.check()
        return Burst(
            len(seeds),
            ended - began,
            _subtract(self.processes.read_cpu(), cpu),
            _subtract(self.engines.read_cpu(), engine_cpu),
        )

    def read_cpu(self) -> float:
        """Seconds of CPU of all processes and engines."""
        return sum(self.processes.read_cpu().values()) + sum(self.engines.read_cpu().values())

    async def warm_up(self) -> None:
        """Start-up is not what is measured: return once the first articles are through."""
        await lay_seeds(self.producer, build_seeds(WARM_UP, f"warm{next(_numbers)}"))
        await wait_for(self.watcher, WARM_UP, MAX_SECONDS, self.processes.check)


def _subtract(after: dict[str, float], before: dict[str, float]) -> dict[str, float]:
    return {name: seconds - before.get(name, 0.0) for name, seconds in after.items()}


@asynccontextmanager
async def open_session(
    candidate: Candidate, engines: Engines, folder: Path, workers: int = 1
) -> AsyncIterator[Session]:
    """The candidate at work on *engines*, which have no content yet."""
    folder.mkdir(parents=True, exist_ok=True)
    await create_topics(engines.settings)
    processes = Processes(folder, {**engines.environment, **candidate.settings})
    try:
        processes.start(candidate.roles_on(engines), workers)
        async with open_producer(engines.kafka) as producer, watch_topic(engines.kafka) as watcher:
            session = Session(engines, processes, producer, watcher)
            await session.warm_up()
            yield session
    finally:
        processes.stop()
