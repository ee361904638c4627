"""From drop to `published.log`, one article after the other, and beside half of what goes through.

A drop counts from the moment its record was given to the producer, an article as published at the
time in its record. Both clocks are this machine's.
"""

import asyncio
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson

from tests.bench.pipeline.builds.candidates import FLOOR, TABLE, Candidate
from tests.bench.pipeline.harness.engines import TITLES, start_engines
from tests.bench.pipeline.harness.seeds import Seed, build_seeds
from tests.bench.pipeline.harness.session import MAX_SECONDS, Session, open_session
from tests.bench.pipeline.harness.topics import send_seed, wait_for
from tests.bench.pipeline.page.report import Report
from tests.bench.pipeline.page.table import Section
from tests.bench.pipeline.scale import Scale

LEAST_PAUSE, MOST_PAUSE = 0.15, 0.45  # seconds between drops: in no step with anybody's polling
QUIET_SECONDS = 5.0  # for what follows the last article


@dataclass(frozen=True)
class Latencies:
    """Milliseconds of each drop, in order; and the share of one core that all use at idle."""

    idle: list[float]
    loaded: list[float]
    idle_cpu: float


async def measure_latency(scratch: Path, scale: Scale, report: Report) -> None:
    """On the embedded engines."""
    section = report.begin(f"From drop to published: {TITLES['embedded']}")
    measured: dict[str, Latencies] = {}
    rate = 0.0
    for candidate in (TABLE, FLOOR):
        folder = scratch / candidate.folder
        with start_engines("embedded", folder) as engines:
            async with open_session(candidate, engines, folder / "logs") as session:
                if candidate is TABLE:  # half of what it can do, for all of them
                    rate = (await session.run_burst(scale.articles)).articles_a_second / 2
                measured[candidate.name] = await measure_latencies(session, candidate, rate, scale)
    add_latencies(section, measured, rate)


async def measure_latencies(
    session: Session, candidate: Candidate, rate: float, scale: Scale
) -> Latencies:
    """At idle, then with *rate* articles a second."""
    seconds = scale.floor_idle_seconds if candidate is FLOOR else scale.idle_seconds
    idle_cpu = await _measure_idle_cpu(session, seconds)
    idle = await drop_at_idle(session, scale.idle_drops)
    return Latencies(idle, await _drop_under_load(session, rate, scale.load_seconds), idle_cpu)


def add_latencies(section: Section, measured: Mapping[str, Latencies], rate: float) -> None:
    """Rows for each of them by name, beside those of the floor."""
    floor = measured[FLOOR.name]
    for name, latencies in measured.items():
        add_quantiles(section, f"{name}, idle", latencies.idle, floor.idle)
    for name, latencies in measured.items():
        load = f"{name}, half load, {rate:.0f} articles/s"
        add_quantiles(section, load, latencies.loaded, floor.loaded)
    for name, latencies in measured.items():
        note = "of one core: one process of each service, and the engines"
        cpu = [latencies.idle_cpu]
        section.add(f"{name}: CPU at idle", cpu, "share", [floor.idle_cpu], note)


def add_quantiles(section: Section, what: str, values: list[float], floor: list[float]) -> None:
    for share in (0.5, 0.99):
        name = f"{what}: p{100 * share:.0f}"
        own, beside = _find_quantile(values, share), _find_quantile(floor, share)
        section.add(name, [own], "ms", [beside], f"of {len(values)} drops")


async def drop_at_idle(session: Session, drops: int) -> list[float]:
    """Milliseconds of each, in order."""
    chance = random.Random(1)
    sent: dict[str, float] = {}
    session.watcher.forget()
    for seed in build_seeds(drops, f"idle{time.time_ns()}"):
        await asyncio.sleep(chance.uniform(LEAST_PAUSE, MOST_PAUSE))
        await _drop(session, seed, sent)
    return await _collect(session, sent)


async def _drop_under_load(session: Session, rate: float, seconds: float) -> list[float]:
    seeds = build_seeds(max(1, int(rate * seconds)), f"load{time.time_ns()}")
    sent: dict[str, float] = {}
    session.watcher.forget()
    began = time.monotonic()
    for number, seed in enumerate(seeds):
        wait = began + number / rate - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        await _drop(session, seed, sent)
    return await _collect(session, sent)


async def _measure_idle_cpu(session: Session, seconds: float) -> float:
    """The share of one core that everybody uses while nothing is dropped."""
    await asyncio.sleep(QUIET_SECONDS)
    began, before = time.monotonic(), session.read_cpu()
    await asyncio.sleep(seconds)
    return (session.read_cpu() - before) / (time.monotonic() - began)


async def _drop(session: Session, seed: Seed, sent: dict[str, float]) -> None:
    sent[seed.url] = time.time()
    await send_seed(session.producer, seed)


async def _collect(session: Session, sent: Mapping[str, float]) -> list[float]:
    """Milliseconds of each drop."""
    await wait_for(session.watcher, len(sent), MAX_SECONDS, session.processes.check)
    latencies: list[float] = []
    for key, arrived_at in session.watcher.arrivals.items():
        url = orjson.loads(session.watcher.values[key])["webUrl"]
        latencies.append(1000 * (arrived_at - sent[url]))
    return sorted(latencies)


def _find_quantile(values: list[float], share: float) -> float:
    return values[min(len(values) - 1, int(share * len(values)))]
