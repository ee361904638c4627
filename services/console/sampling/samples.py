"""What the sampler measured at one moment. Plain values: they ask nobody for anything."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shared.store import Heartbeat

KAFKA: Final = "Kafka"
STORE: Final = "the store"
HISTORY_SPAN: Final = timedelta(minutes=30)  # of the samples that are kept


@dataclass(frozen=True)
class StageSample:
    """What waits for one stage, and how fast it comes and goes."""

    name: str
    waiting: int  # records that its group has not committed
    oldest_seconds: float  # how long the oldest of them has waited; 0 while nothing waits
    is_oldest_at_least: bool  # it was there before the first sample, and may be older
    in_per_second: float | None  # over the last minute; None before the second sample
    out_per_second: float | None
    drain_seconds: float | None  # until nothing waits; None while it does not get less
    entered: int  # records that ever came into its topic
    committed: int  # those that its group has committed


@dataclass(frozen=True)
class EngineSample:
    """Whether an engine answers, since when so, and in a sentence why not."""

    name: str
    is_up: bool
    since: datetime
    problem: str = ""


@dataclass(frozen=True)
class WorkerSample:
    """What a process last said of itself, and the state that this means now."""

    heartbeat: Heartbeat
    state: str


@dataclass(frozen=True)
class Sample:
    """The newsroom at one moment, *at*.

    What could not be measured stays as it was: `stages_at` and `store_at` say when that was, and
    None that it was never measured.
    """

    at: datetime
    engines: tuple[EngineSample, ...]
    stages_at: datetime | None = None
    stages: tuple[StageSample, ...] = ()
    published_records: int | None = None  # that ever came into published.log
    store_at: datetime | None = None
    workers: tuple[WorkerSample, ...] = ()
    parked: int | None = None  # fetches
    rejected: int | None = None  # open cases
    halted: int | None = None  # processes that a restart does not help
