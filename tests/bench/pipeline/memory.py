"""What processes hold after many articles, and what auditing all of these takes."""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

from shared.store import connect, pages
from tests.bench.pipeline.candidates import FLOOR, TABLE, Candidate
from tests.bench.pipeline.commands import SEEDWIRE, time_command
from tests.bench.pipeline.engines import start_engines
from tests.bench.pipeline.scale import Scale
from tests.bench.pipeline.session import Session, open_session
from tests.bench.pipeline.table import Section
from tests.bench.pipeline.topics import watch_topic

STEPS = 6
QUIET_SECONDS = 2.0  # so that an audit finds no work under way


@dataclass(frozen=True)
class Step:
    """The most megabytes of each process after so many articles, and the pace of the last ones."""

    articles: int
    peaks: dict[str, float]
    articles_a_second: float


async def measure_memory(scratch: Path, scale: Scale) -> tuple[Section, list[Step]]:
    """The table, and the steps for a plot."""
    section = Section(f"Memory over {scale.memory_articles:,} articles (embedded engines)")
    floor, _ = await _fill(FLOOR, scratch / "floor", scale.memory_articles)
    steps, (audit, read) = await _fill(TABLE, scratch / "table", scale.memory_articles)
    beside = [floor[-1].peaks["ingest"]]
    for role, peak in steps[-1].peaks.items():
        begin = f"{steps[0].peaks[role]:.0f} after {steps[0].articles:,}"
        section.add(f"{role}: peak", [peak], "MB", beside, begin)
    first, last = steps[0].articles_a_second, steps[-1].articles_a_second
    note = f"{first:.0f} in the first sixth"
    floor_pace = [floor[-1].articles_a_second]
    section.add("throughput in the last sixth", [last], "articles/s", floor_pace, note)
    each = 1000 / steps[-1].articles
    note = "the floor reads the log and every article, and compares nothing"
    section.add("seedwire audit", [each * audit], "ms/article", [each * read], note)
    return section, steps


async def _fill(
    candidate: Candidate, folder: Path, articles: int
) -> tuple[list[Step], tuple[float, float]]:
    """The steps; then seconds of an audit, and of reading what it has to read."""
    steps: list[Step] = []
    each = max(1, articles // STEPS)
    with start_engines("embedded", folder) as engines:
        async with open_session(candidate, engines, folder / "logs") as session:
            for number in range(1, STEPS + 1):
                burst = await session.run_burst(each)
                peaks = session.processes.read_peak_memory()
                steps.append(Step(number * each, peaks, burst.articles_a_second))
            if candidate is FLOOR:
                return steps, (0.0, 0.0)
            await asyncio.sleep(QUIET_SECONDS)
            return steps, (_audit(session), await _read_all(session))


def _audit(session: Session) -> float:
    return time_command([*SEEDWIRE, "audit"], session.engines.environment)[0]


async def _read_all(session: Session) -> float:
    began = time.monotonic()
    async with watch_topic(session.engines.kafka) as watcher:
        await watcher.read()
    store = connect(session.engines.store)
    await store.open()
    async for page in pages(store.articles.list_page):
        assert page
    await store.close()
    return time.monotonic() - began
