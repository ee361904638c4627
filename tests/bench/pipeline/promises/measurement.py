"""What each promise costs an article: CPU, rows written, and what a batch flushes and sends.

All services run in one thread (`inline_newsroom`), and a timer interrupts them every few
milliseconds of CPU. A sample counts for the innermost function on the stack that `promise_list`
names, so nothing is slowed down and nothing counts twice. Rows are the statements that change a
table, flushes the transactions that wrote: each waits for the disk once.
"""

import re
import signal
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType

from tests.bench.pipeline.harness.seeds import build_seeds
from tests.bench.pipeline.promises.inline_newsroom import BATCH, InlineNewsroom, open_inline_store
from tests.bench.pipeline.promises.promise_list import FRAME, PROMISES

_WRITING = re.compile(r"(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM)\s+(\w+)", re.IGNORECASE)
SAMPLE_SECONDS = 0.001


@dataclass(frozen=True)
class PromiseCost:
    """Milliseconds of CPU and rows written, an article."""

    name: str
    cpu_ms: float
    rows: float


@dataclass(frozen=True)
class PromiseTable:
    """Milliseconds by service, flushes by service and batch, messages by topic; an article.

    *profiles* divides each service's milliseconds among the promises that it keeps.
    """

    costs: Sequence[PromiseCost]
    profiles: Mapping[str, Mapping[str, float]]
    cpu_ms: Mapping[str, float]
    flushes: Mapping[str, float]
    messages: Mapping[str, float]

    @property
    def flushes_an_article(self) -> float:
        return sum(self.flushes.values()) / BATCH


class Sampler:
    """Counts which service keeps which promise when the timer interrupts."""

    def __init__(self, room: InlineNewsroom) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self._room = room
        self._known: dict[CodeType, str | None] = {}

    def take(self, _: int, frame: FrameType | None) -> None:
        promise = None
        while frame is not None and promise is None:
            promise = self._name(frame.f_code)
            frame = frame.f_back
        self.counts[self._room.at_work, promise or FRAME] += 1

    def divide(self, service: str, cpu_ms: float) -> dict[str, float]:
        """The milliseconds of a service by promise, the largest first."""
        own = {name: count for (at_work, name), count in self.counts.items() if at_work == service}
        samples = sum(own.values()) or 1
        ordered = sorted(own, key=lambda name: -own[name])
        return {name: cpu_ms * own[name] / samples for name in ordered}

    def _name(self, code: CodeType) -> str | None:
        if code not in self._known:
            self._known[code] = _find_promise(code)
        return self._known[code]


def _find_promise(code: CodeType) -> str | None:
    for promise in PROMISES:
        for path, name in promise.functions:
            if code.co_name == name and code.co_filename.endswith(path):
                return promise.name
    return None


@contextmanager
def sample_cpu(sampler: Sampler) -> Iterator[None]:
    before = signal.signal(signal.SIGPROF, sampler.take)
    signal.setitimer(signal.ITIMER_PROF, SAMPLE_SECONDS, SAMPLE_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


async def measure_promises(scratch: Path, articles: int) -> PromiseTable:
    sampler, cpu_ms = await _sample(scratch / "sampled", articles)
    counted = await _count(scratch / "counted", articles)
    profiles = {name: sampler.divide(name, ms) for name, ms in cpu_ms.items()}
    costs: list[PromiseCost] = []
    for promise in PROMISES:
        rows = sum(counted.rows.pop(table, 0) for table in promise.tables)
        costs.append(PromiseCost(promise.name, _add_up(profiles, promise.name), rows / articles))
    rest = counted.rows.total() / articles
    costs.append(PromiseCost(FRAME, _add_up(profiles, FRAME), rest))
    flushes = {name: count * BATCH / articles for name, count in counted.flushes.items()}
    messages = {topic: count / articles for topic, count in counted.messages.items()}
    return PromiseTable(costs, profiles, cpu_ms, flushes, messages)


def _add_up(profiles: Mapping[str, Mapping[str, float]], promise: str) -> float:
    return sum(profile.get(promise, 0.0) for profile in profiles.values())


async def _sample(scratch: Path, articles: int) -> tuple[Sampler, dict[str, float]]:
    """The samples, and milliseconds of CPU of an article in each service."""
    async with open_inline_store(scratch) as store:
        room = InlineNewsroom(store)
        sampler = Sampler(room)
        await _warm_up(room)
        with sample_cpu(sampler):
            await _run(room, articles, "sampled")
        return sampler, {name: 1000 * stage.cpu / articles for name, stage in room.stages.items()}


@dataclass
class _Counts:
    rows: Counter[str]  # by table
    flushes: Counter[str]  # by service
    messages: Counter[str]  # by topic

    def note(self, stage: str, statement: str) -> None:
        if statement.startswith("BEGIN IMMEDIATE"):
            self.flushes[stage] += 1
        elif found := _WRITING.search(statement):
            self.rows[found[1]] += 1


async def _count(scratch: Path, articles: int) -> _Counts:
    counts = _Counts(Counter(), Counter(), Counter())
    async with open_inline_store(scratch) as store:
        room = InlineNewsroom(store)
        await _warm_up(room)
        room.watch_statements(counts.note)
        await _run(room, articles, "counted")
        for stage in room.stages.values():
            counts.messages.update(stage.sent)
    return counts


async def _warm_up(room: InlineNewsroom) -> None:
    await _run(room, BATCH // 2, "warm")
    for stage in room.stages.values():
        stage.cpu = 0.0
        stage.sent.clear()


async def _run(room: InlineNewsroom, articles: int, name: str) -> None:
    seeds = build_seeds(articles, name)
    for start in range(0, articles, BATCH):
        await room.take_in(seeds[start : start + BATCH], start)
