"""What processes hold after many articles, and what auditing all of these takes.

The articles come in steps. What a process holds more at the end than after two thirds, divided by
the articles between, is what a longer run is expected to add to it.
"""

import time
from dataclasses import dataclass
from pathlib import Path

from shared.store import connect, pages
from tests.bench.pipeline.builds.candidates import FLOOR, TABLE, Candidate
from tests.bench.pipeline.harness.command_timing import SEEDWIRE, time_command
from tests.bench.pipeline.harness.engines import start_engines
from tests.bench.pipeline.harness.session import Session, open_session
from tests.bench.pipeline.harness.topics import watch_topic
from tests.bench.pipeline.page.plots import Step, draw_memory
from tests.bench.pipeline.page.report import Report
from tests.bench.pipeline.page.table import Section
from tests.bench.pipeline.scale import Scale

STEPS = 6
LATER = 4  # the step from which growth is measured: caches are full by then
MANY = 100_000
REST_SECONDS = "300"  # at most, for linking to look at the feed once more and to link anew


@dataclass(frozen=True)
class Audit:
    """Seconds of an audit of so many articles, and of reading what it has to read."""

    articles: int
    seconds: float
    cpu: float
    reading: float

    @property
    def ms(self) -> float:
        return 1000 * self.seconds / self.articles

    @property
    def cpu_ms(self) -> float:
        return 1000 * self.cpu / self.articles

    @property
    def reading_ms(self) -> float:
        return 1000 * self.reading / self.articles


async def measure_memory(scratch: Path, scale: Scale, report: Report) -> None:
    section = report.begin(f"Memory over {scale.memory_articles:,} articles (embedded engines)")
    floor, _ = await _fill(FLOOR, scratch / "floor", scale.memory_articles, section)
    steps, audits = await _fill(TABLE, scratch / "table", scale.memory_articles, section)
    draw_memory(steps, report.folder / "memory.svg")
    for role in steps[-1].peaks:
        peak, note = steps[-1].peaks[role], _describe_growth(steps, role)
        section.add(f"{role}: peak", [peak], "MB", [floor[-1].peaks["ingest"]], note)
    first, last = steps[0].articles_a_second, steps[-1].articles_a_second
    note = f"{first:.0f} in the first sixth"
    floor_pace = [floor[-1].articles_a_second]
    section.add("throughput in the last sixth", [last], "articles/s", floor_pace, note)
    if audits:
        _add_audits(section, audits)


def _describe_growth(steps: list[Step], role: str) -> str:
    """What it held at first, and what it would hold after MANY: a straight line on."""
    first, later, last = steps[0], steps[LATER - 1], steps[-1]
    begin = f"{first.peaks[role]:.0f} after {first.articles:,}"
    if last.articles >= MANY:
        return begin
    growth = (last.peaks[role] - later.peaks[role]) / (last.articles - later.articles)
    expected = last.peaks[role] + growth * (MANY - last.articles)
    return f"{begin}; extrapolated to {MANY:,}, by the last third: {expected:.0f}"


def _add_audits(section: Section, audits: list[Audit]) -> None:
    first, last = audits[0], audits[-1]
    note = (
        f"{last.cpu_ms:.2f} ms of CPU; {first.ms:.2f} at {first.articles:,}, {first.cpu_ms:.2f} ms "
        "of CPU; the floor reads the log and every article, and compares nothing"
    )
    if last.articles < MANY:
        note += f"; not measured at {MANY:,}"
    section.add("seedwire audit", [last.ms], "ms/article", [last.reading_ms], note)


async def _fill(
    candidate: Candidate, folder: Path, articles: int, section: Section
) -> tuple[list[Step], list[Audit]]:
    """The steps; then, of Seedwire, audits after half of them and after all.

    *section* says why an audit failed.
    """
    steps: list[Step] = []
    audits: list[Audit] = []
    each = max(1, articles // STEPS)
    with start_engines("embedded", folder) as engines:
        async with open_session(candidate, engines, folder / "logs") as session:
            for number in range(1, STEPS + 1):
                burst = await session.run_burst(each)
                peaks = session.processes.read_peak_memory()
                steps.append(Step(number * each, peaks, burst.articles_a_second))
                if candidate is FLOOR or number not in (STEPS // 2, STEPS):
                    continue
                try:
                    audits.append(await _audit(session, number * each))
                except RuntimeError as error:
                    section.left_out.append(str(error))
    return steps, audits


async def _audit(session: Session, articles: int) -> Audit:
    environment = session.engines.environment
    await time_command([SEEDWIRE, "wait", "--timeout", REST_SECONDS], environment)
    timing = await time_command([SEEDWIRE, "audit"], environment)
    began = time.monotonic()
    await _read_all(session)
    return Audit(articles, timing.seconds, timing.cpu, time.monotonic() - began)


async def _read_all(session: Session) -> None:
    async with watch_topic(session.engines.kafka) as watcher:
        await watcher.read()
    store = connect(session.engines.store)
    await store.open()
    async for page in pages(store.articles.list_page):
        assert page
    await store.close()
