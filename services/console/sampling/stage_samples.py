"""Samples of every stage, over one connection that stays open from sample to sample."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.console.sampling.samples import StageSample
from services.console.sampling.stage_meter import StageMeter
from services.console.sampling.stages import STAGES, name_group
from shared.broker.offsets.standings import StandingsReader, open_standings_reader
from shared.clock import Clock
from shared.errors import SeedwireError
from shared.events.topics import PUBLISHED_LOG
from shared.settings import Settings

GROUPS: Final = {name_group(stage): topic for stage, topic in STAGES}


@dataclass(frozen=True)
class StageSamples:
    """All stages at one moment, and how many records ever came into published.log."""

    at: datetime | None = None  # None: never measured
    stages: tuple[StageSample, ...] = ()
    published_records: int | None = None


class StageSampler:
    """Measures all stages, one time after the other."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._meters = {stage: StageMeter(stage) for stage, _ in STAGES}
        self._connection = AsyncExitStack()
        self._reader: StandingsReader | None = None

    async def measure(self) -> StageSamples:
        """What Kafka says now. Blocks while it is silent; raises SeedwireError without an answer.

        After an error the next call connects anew.
        """
        try:
            reader = self._reader or await self._connect()
            reading = await reader.read()
        except SeedwireError:
            await self.close()
            raise
        at = self._clock()
        stages = []
        for name, meter in self._meters.items():
            stages.append(meter.measure(reading.groups[name_group(name)], at))
        return StageSamples(at, tuple(stages), reading.count_records(PUBLISHED_LOG))

    async def close(self) -> None:
        self._reader = None
        await self._connection.aclose()

    async def _connect(self) -> StandingsReader:
        opening = open_standings_reader(self._settings, GROUPS, [PUBLISHED_LOG])
        self._reader = await self._connection.enter_async_context(opening)
        return self._reader
