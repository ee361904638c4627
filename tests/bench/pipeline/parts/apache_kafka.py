"""The pipeline on Apache Kafka: at length with SQLite, and in little with a stand-in for MongoDB.

The stand-in for MongoDB has no indexes to speak of: every article takes it longer than the last.
So it gets few articles, which says whether the pipeline works there and little of MongoDB. What
Apache Kafka costs in place of the embedded broker is measured with SQLite.
"""

from collections.abc import Mapping
from pathlib import Path

from tests.bench.pipeline.builds.candidates import FLOOR, IDIOMATIC, TABLE, Candidate
from tests.bench.pipeline.harness.engines import (
    TITLES,
    EngineKind,
    find_missing_engines,
    start_engines,
)
from tests.bench.pipeline.harness.session import Burst, Session, open_session
from tests.bench.pipeline.page.report import Report
from tests.bench.pipeline.page.table import Section
from tests.bench.pipeline.parts.latency import (
    Latencies,
    add_latencies,
    add_quantiles,
    drop_at_idle,
    measure_latencies,
)
from tests.bench.pipeline.parts.throughput import add_bursts, run_bursts
from tests.bench.pipeline.scale import Scale


async def measure_kafka(scratch: Path, scale: Scale, report: Report) -> None:
    """Throughput, then latency, of the same processes."""
    section = report.begin(f"The whole pipeline: {TITLES['kafka']}")
    latency = report.begin(f"From drop to published: {TITLES['kafka']}")
    if _note_missing_engines(section, latency):
        return
    bursts: dict[Candidate, list[Burst]] = {}
    measured: dict[str, Latencies] = {}
    rate = 0.0
    numbers = (scale.articles, scale.few_repeats)
    for candidate in (TABLE, FLOOR):
        folder = scratch / candidate.folder
        with start_engines("kafka", folder) as engines:
            async with open_session(candidate, engines, folder / "logs") as session:
                bursts[candidate] = await _run_bursts(session, *numbers)
                if candidate is TABLE:
                    rate = bursts[TABLE][-1].articles_a_second / 2
                measured[candidate.name] = await measure_latencies(session, candidate, rate, scale)
    _add_all(section, bursts)
    add_latencies(latency, measured, rate)


async def measure_stand_in(scratch: Path, scale: Scale, report: Report) -> None:
    kind: EngineKind = "stand-in"
    articles = scale.stand_in_articles
    section = report.begin(f"{articles} articles at once: {TITLES[kind]}")
    if _note_missing_engines(section):
        return
    numbers = (articles, scale.few_repeats)
    bursts: dict[Candidate, list[Burst]] = {}
    drops: dict[Candidate, list[float]] = {}
    for candidate in (FLOOR, TABLE):
        folder = scratch / candidate.folder
        with start_engines(kind, folder) as engines:
            async with open_session(candidate, engines, folder / "logs") as session:
                drops[candidate] = await drop_at_idle(session, scale.stand_in_drops)
                bursts[candidate] = await _run_bursts(session, *numbers)
    bursts[IDIOMATIC] = await run_bursts(IDIOMATIC, kind, scratch / IDIOMATIC.folder, *numbers)
    _add_all(section, bursts)
    for candidate, values in drops.items():
        what = f"{candidate.name}, from drop to published, idle"
        add_quantiles(section, what, values, drops[FLOOR])


def _note_missing_engines(*sections: Section) -> bool:
    missing = find_missing_engines()
    for section in sections if missing else ():
        section.left_out.append(f"the real engines are not here: {missing}.")
    return bool(missing)


async def _run_bursts(session: Session, articles: int, repeats: int) -> list[Burst]:
    return [await session.run_burst(articles) for _ in range(repeats)]


def _add_all(section: Section, bursts: Mapping[Candidate, list[Burst]]) -> None:
    for candidate, measured in bursts.items():
        add_bursts(section, candidate.name, measured, bursts[FLOOR])
