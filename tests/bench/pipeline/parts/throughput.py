"""The whole pipeline, from a backlog of seeds to `published.log`: articles a second, and CPU."""

from collections.abc import Sequence
from pathlib import Path
from statistics import median

from services.enrichment.related.features.sentence_model import DEFAULT_FOLDER
from tests.bench.pipeline.builds.candidates import BARE, FLOOR, IDIOMATIC, MODEL, TABLE, Candidate
from tests.bench.pipeline.harness.engines import TITLES, EngineKind, start_engines
from tests.bench.pipeline.harness.session import Burst, open_session
from tests.bench.pipeline.page.plots import draw_bars
from tests.bench.pipeline.page.report import Report
from tests.bench.pipeline.page.table import Section
from tests.bench.pipeline.scale import Scale

WORKERS = (1, 2, 4)


async def measure_embedded(scratch: Path, scale: Scale, report: Report) -> None:
    """Every build on the embedded engines."""
    section = report.begin(f"The whole pipeline: {TITLES['embedded']}")
    bursts: dict[Candidate, list[Burst]] = {}
    try:
        await _measure_builds(scratch, scale, bursts)
    finally:
        for candidate, measured in bursts.items():
            add_bursts(section, candidate.name, measured, bursts[FLOOR])
    compare_builds(section, bursts[BARE], bursts[IDIOMATIC])
    if MODEL not in bursts:
        section.left_out.append("linking by the sentence model: `make model` installs it.")
    draw_bars(section, "throughput", report.folder / "throughput.svg")
    draw_bars(section, "CPU", report.folder / "cpu.svg")


async def _measure_builds(
    scratch: Path, scale: Scale, bursts: dict[Candidate, list[Burst]]
) -> None:
    """Add to *bursts*. The floor runs before and after: so a machine that slows down shows."""
    usual, slow = (scale.articles, scale.repeats), (scale.slow_articles, scale.few_repeats)
    bursts[FLOOR] = await run_bursts(FLOOR, "embedded", scratch / "before", *usual)
    bursts[BARE] = await run_bursts(BARE, "embedded", scratch / "bare", *usual)
    bursts[TABLE] = await run_bursts(TABLE, "embedded", scratch / "table", *usual)
    bursts[IDIOMATIC] = await run_bursts(IDIOMATIC, "embedded", scratch / "idiomatic", *slow)
    if DEFAULT_FOLDER.exists():
        bursts[MODEL] = await run_bursts(MODEL, "embedded", scratch / "model", *slow)
    bursts[FLOOR] += await run_bursts(FLOOR, "embedded", scratch / "after", *usual)


async def run_bursts(
    candidate: Candidate,
    kind: EngineKind,
    folder: Path,
    articles: int,
    repeats: int,
    workers: int = 1,
) -> list[Burst]:
    """On new engines."""
    with start_engines(kind, folder) as engines:
        async with open_session(candidate, engines, folder / "logs", workers) as session:
            return [await session.run_burst(articles) for _ in range(repeats)]


def add_bursts(
    section: Section, name: str, bursts: Sequence[Burst], floor: Sequence[Burst]
) -> None:
    section.add(
        f"{name}: throughput",
        [burst.articles_a_second for burst in bursts],
        "articles/s",
        [burst.articles_a_second for burst in floor],
    )
    roles = sorted(bursts[0].cpu, key=lambda role: -bursts[0].cpu[role])
    parts = [f"{role} {_median_ms(bursts, role):.2f}" for role in roles]
    section.add(
        f"{name}: CPU",
        [burst.cpu_ms for burst in bursts],
        "ms/article",
        [burst.cpu_ms for burst in floor],
        ", ".join(parts),
    )
    section.add(
        f"{name}: CPU of the engines",
        [1000 * sum(burst.engine_cpu.values()) / burst.articles for burst in bursts],
        "ms/article",
        [1000 * sum(burst.engine_cpu.values()) / burst.articles for burst in floor],
    )
    section.add(
        f"{name}: both cores at work",
        [burst.busy for burst in bursts],
        "share",
        [burst.busy for burst in floor],
    )


def _median_ms(bursts: Sequence[Burst], role: str) -> float:
    return median(burst.role_ms(role) for burst in bursts)


def compare_builds(section: Section, given: Sequence[Burst], simple: Sequence[Burst]) -> None:
    section.add(
        "Seedwire, relations given, beside the idiomatic build: throughput",
        [burst.articles_a_second for burst in given],
        "articles/s",
        [burst.articles_a_second for burst in simple],
        "the floor is the idiomatic build here",
    )


async def measure_workers(scratch: Path, scale: Scale, report: Report) -> None:
    """Every service in one, two and four processes; so is the floor."""
    section = report.begin("More workers of every service, on two cores (embedded engines)")
    for workers in WORKERS:
        where = scratch / f"{workers}"
        numbers = (scale.alone_articles, scale.few_repeats, workers)
        floor = await run_bursts(FLOOR, "embedded", where / "floor", *numbers)
        bursts = await run_bursts(TABLE, "embedded", where / "table", *numbers)
        add_bursts(section, f"{workers} of each", bursts, floor)
