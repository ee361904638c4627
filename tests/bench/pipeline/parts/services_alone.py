"""Each service alone, with a backlog before it: the others are paused meanwhile.

All of them are started and warmed up together. Then, burst after burst, every process is paused,
seeds are laid, and one service after the other goes on until it has nothing left to do.
"""

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from shared.store import Store, connect
from tests.bench.pipeline.builds.candidates import FLOOR, TABLE, Candidate
from tests.bench.pipeline.harness.engines import start_engines
from tests.bench.pipeline.harness.processes import Role
from tests.bench.pipeline.harness.seeds import build_seeds
from tests.bench.pipeline.harness.session import MAX_SECONDS, WARM_UP, Session, open_session
from tests.bench.pipeline.harness.topics import lay_seeds, wait_for, watch_topic
from tests.bench.pipeline.page.report import Report
from tests.bench.pipeline.scale import Scale

LOOK_SECONDS = 0.02
LOCK_SECONDS = 0.5
PATIENT = {"SEEDWIRE_SESSION_TIMEOUT_MS": "60000"}  # of paused processes
TOPICS = {  # where the work of a service shows
    "ingest": "articles.ingested",
    "images": "articles.enriched",  # the floor's: Seedwire's has nothing to tell before related has
    "related": "articles.enriched",
    "publishing": "published.log",
}
FLOOR_OF = {"ingest": "ingest", "images": "images", "related": "images", "publishing": "publishing"}
_RELAY = Role("images", ["tests.bench.pipeline.builds.floor", "relay"])
CountDone = Callable[[], Awaitable[int]]


@dataclass
class Pace:
    """Articles a second, and milliseconds of CPU an article, burst by burst."""

    rates: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)


async def measure_services(scratch: Path, scale: Scale, report: Report) -> None:
    section = report.begin("Each service alone, with a backlog before it (embedded engines)")
    parts = [FLOOR.roles[0], _RELAY, FLOOR.roles[1]]
    floor = await _measure(replace(FLOOR, roles=parts), scratch / "floor", scale)
    patient = replace(TABLE, settings={**TABLE.settings, **PATIENT})
    for name, pace in (await _measure(patient, scratch / "seedwire", scale)).items():
        beside = floor[FLOOR_OF[name]]
        section.add(f"{name}: throughput", pace.rates, "articles/s", beside.rates)
        section.add(f"{name}: CPU", pace.cpu_ms, "ms/article", beside.cpu_ms)


async def _measure(candidate: Candidate, folder: Path, scale: Scale) -> dict[str, Pace]:
    is_floor = candidate.sends_arguments
    paces = {role.name: Pace() for role in candidate.roles}
    async with AsyncExitStack() as stack:
        engines = stack.enter_context(start_engines("embedded", folder))
        session = await stack.enter_async_context(open_session(candidate, engines, folder / "logs"))
        store = connect(engines.store)
        if not is_floor:
            await store.open()
            stack.push_async_callback(store.close)
        done = await _open_watches(stack, session, store if not is_floor else None, paces)
        expected = WARM_UP
        for number in range(scale.few_repeats):
            expected += scale.alone_articles
            await _pause(session)
            seeds = build_seeds(scale.alone_articles, f"alone{number}x{time.time_ns()}")
            await lay_seeds(session.producer, seeds)
            for name, pace in paces.items():
                await _run_alone(session, name, done[name], expected, len(seeds), pace)
        session.processes.resume()
    return paces


async def _run_alone(
    session: Session, name: str, count: CountDone, expected: int, articles: int, pace: Pace
) -> None:
    before, began = session.processes.read_cpu()[name], time.monotonic()
    session.processes.resume(name)
    while await count() < expected:
        session.processes.check()
        if time.monotonic() - began > MAX_SECONDS:
            raise TimeoutError(f"{name} alone was not done after {MAX_SECONDS:g} s")
        await asyncio.sleep(LOOK_SECONDS)
    pace.rates.append(articles / (time.monotonic() - began))
    pace.cpu_ms.append(1000 * (session.processes.read_cpu()[name] - before) / articles)
    await _pause(session)


async def _pause(session: Session) -> None:
    """Pause them all, but none of them while it holds SQLite's lock: it would stop the others."""
    path = session.engines.store.removeprefix("sqlite:///")
    while True:
        session.processes.pause()
        if _is_unlocked(path):
            return
        session.processes.resume()
        await asyncio.sleep(LOOK_SECONDS)


def _is_unlocked(path: str) -> bool:
    connection = sqlite3.connect(path, timeout=LOCK_SECONDS, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
    except sqlite3.OperationalError:
        return False
    finally:
        connection.close()
    return True


async def _open_watches(
    stack: AsyncExitStack, session: Session, store: Store | None, names: Iterable[str]
) -> dict[str, CountDone]:
    """How many articles each of them has done, those of the warm-up included."""
    counts: dict[str, CountDone] = {}
    for name in names:
        if name == "images" and store is not None:
            counts[name] = _count_planned(store)
            continue
        watching = watch_topic(session.engines.kafka, TOPICS[name])
        watcher = await stack.enter_async_context(watching)
        await wait_for(watcher, WARM_UP, MAX_SECONDS, session.processes.check)
        counts[name] = watcher.read
    return counts


def _count_planned(store: Store) -> CountDone:
    async def count() -> int:
        counts = await store.articles.counts()
        return counts["articles"] - counts["images"]

    return count
