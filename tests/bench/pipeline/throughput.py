"""The whole pipeline, from a backlog of seeds to `published.log`: articles a second, and CPU."""

from collections.abc import Sequence
from pathlib import Path
from statistics import median

from services.enrichment.related.features.sentence_model import DEFAULT_FOLDER
from tests.bench.pipeline.candidates import BARE, FLOOR, IDIOMATIC, MODEL, TABLE, Candidate
from tests.bench.pipeline.engines import EngineKind, find_missing_engines, start_engines
from tests.bench.pipeline.scale import Scale
from tests.bench.pipeline.session import Burst, open_session
from tests.bench.pipeline.table import Section

NAMES = {
    "embedded": "the embedded broker and SQLite",
    "real": "Apache Kafka and mongo-java-server in MongoDB's place",
}
WORKERS = (1, 2, 4)


async def measure_throughput(scratch: Path, kind: EngineKind, scale: Scale) -> Section:
    section = Section(f"The whole pipeline: {NAMES[kind]}")
    if kind == "real" and (missing := find_missing_engines()):
        section.left_out.append(f"the real engines are not here: {missing}.")
        return section
    # The floor runs before and after the others, so that a machine that slows down shows.
    floor = await run_bursts(FLOOR, kind, scratch / "before", scale.articles, scale.repeats)
    given = await run_bursts(BARE, kind, scratch / "bare", scale.articles, scale.repeats)
    table = await run_bursts(TABLE, kind, scratch / "table", scale.articles, scale.repeats)
    slow = scale.slow_articles
    simple = await run_bursts(IDIOMATIC, kind, scratch / "idiomatic", slow, scale.repeats)
    floor += await run_bursts(FLOOR, kind, scratch / "after", scale.articles, scale.repeats)
    builds = [(FLOOR, floor), (IDIOMATIC, simple), (BARE, given), (TABLE, table)]
    if kind == "embedded" and DEFAULT_FOLDER.exists():
        model = await run_bursts(MODEL, kind, scratch / "model", slow, scale.repeats)
        builds.append((MODEL, model))
    elif kind == "embedded":
        section.left_out.append("linking by the sentence model: `make model` installs it.")
    for candidate, bursts in builds:
        _add_rows(section, candidate.name, bursts, floor)
    _compare_builds(section, given, simple)
    return section


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


def _add_rows(section: Section, name: str, bursts: Sequence[Burst], floor: Sequence[Burst]) -> None:
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


def _compare_builds(section: Section, given: Sequence[Burst], simple: Sequence[Burst]) -> None:
    section.add(
        "Seedwire, relations given, beside the idiomatic build: throughput",
        [burst.articles_a_second for burst in given],
        "articles/s",
        [burst.articles_a_second for burst in simple],
        "the floor is the idiomatic build here",
    )


async def measure_workers(scratch: Path, scale: Scale) -> Section:
    """Every service in one, two and four processes; so is the floor."""
    section = Section("More workers of every service, on two cores (embedded engines)")
    for workers in WORKERS:
        where = scratch / f"{workers}"
        numbers = (scale.articles, scale.few_repeats, workers)
        floor = await run_bursts(FLOOR, "embedded", where / "floor", *numbers)
        bursts = await run_bursts(TABLE, "embedded", where / "table", *numbers)
        name = f"{workers} of each"
        section.add(
            f"{name}: throughput",
            [burst.articles_a_second for burst in bursts],
            "articles/s",
            [burst.articles_a_second for burst in floor],
        )
        section.add(
            f"{name}: CPU",
            [burst.cpu_ms for burst in bursts],
            "ms/article",
            [burst.cpu_ms for burst in floor],
        )
    return section
