"""The sampler: asks Kafka and the store every few seconds, and keeps half an hour of it.

It runs in the supervisor and in the console's web process. It asks no consumer: a stuck one
reports nothing true.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final

from services.console.sampling.engine_watch import EngineWatch
from services.console.sampling.samples import HISTORY_SPAN, KAFKA, STORE, Sample
from services.console.sampling.stage_samples import StageSampler, StageSamples
from services.console.sampling.store_samples import StoreSamples, load_store_samples
from shared.clock import Clock, now
from shared.concurrency.background import cancel_all
from shared.settings import Settings
from shared.store import Store

log = logging.getLogger(__name__)

# A sample costs some 5 ms of CPU, and no number is older than this while the engines answer.
INTERVAL_SECONDS: Final = 2.0


class Sampler:
    """Samples the newsroom of *settings* and of the open *store* while `run` runs."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        interval_seconds: float = INTERVAL_SECONDS,
        clock: Clock = now,
    ) -> None:
        self._store = store
        self._interval_seconds = interval_seconds
        self._clock = clock
        self._kafka = EngineWatch(KAFKA, clock)
        self._store_watch = EngineWatch(STORE, clock)
        self._stage_sampler = StageSampler(settings, clock)
        self._stages = StageSamples()
        self._figures = StoreSamples()
        self._history: deque[Sample] = deque()

    @property
    def latest(self) -> Sample | None:
        """How it is now, without asking anybody; None in the first moments.

        While an engine is away its numbers stay, and the sample says of when they are.
        """
        engines = [self._kafka.read(), self._store_watch.read()]
        known = tuple(engine for engine in engines if engine is not None)
        if len(known) < len(engines):
            return None
        stages, figures = self._stages, self._figures
        return Sample(
            at=self._clock(),
            engines=known,
            stages_at=stages.at,
            stages=stages.stages,
            published_records=stages.published_records,
            store_at=figures.at,
            workers=figures.workers,
            parked=figures.parked,
            rejected=figures.rejected,
            halted=figures.halted,
        )

    @property
    def history(self) -> Sequence[Sample]:
        """The samples of the last half hour, the oldest first."""
        return tuple(self._history)

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """Sample in the background while the block runs."""
        tasks = [
            self._start(self._repeat(self._sample_stages), self._kafka),
            self._start(self._repeat(self._sample_store), self._store_watch),
            self._start(self._repeat(self._remember), self._store_watch),
        ]
        try:
            yield
        finally:
            await cancel_all(tasks)
            await self._stage_sampler.close()

    async def _sample_stages(self) -> None:
        with self._kafka.asking():
            self._stages = await self._stage_sampler.measure()

    async def _sample_store(self) -> None:
        with self._store_watch.asking():
            self._figures = await load_store_samples(self._store, self._clock)

    async def _remember(self) -> None:
        sample = self.latest
        if sample is None:
            return
        self._history.append(sample)
        while sample.at - self._history[0].at > HISTORY_SPAN:
            self._history.popleft()

    async def _repeat(self, sample: Callable[[], Awaitable[None]]) -> None:
        while True:
            await sample()
            await asyncio.sleep(self._interval_seconds)

    def _start(self, work: Coroutine[Any, Any, None], watch: EngineWatch) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        task.add_done_callback(partial(_report_end, watch))
        return task


def _report_end(watch: EngineWatch, task: asyncio.Task[None]) -> None:
    """A sampler that has ended by itself has a bug, and must not go on showing old numbers."""
    error = None if task.cancelled() else task.exception()
    if error is not None:
        log.error("the sampler has ended", exc_info=error)
        watch.fail(f"the sampler has ended: {type(error).__name__}")
