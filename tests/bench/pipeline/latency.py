"""From drop to `published.log`, one article after the other, and beside half of what goes through.

A drop counts from the moment its record was given to the producer, an article as published at the
time in its record. Both clocks are this machine's.
"""

import asyncio
import random
import time
from collections.abc import Mapping
from pathlib import Path

import orjson

from tests.bench.pipeline.candidates import FLOOR, TABLE
from tests.bench.pipeline.engines import EngineKind, find_missing_engines, start_engines
from tests.bench.pipeline.scale import Scale
from tests.bench.pipeline.seeds import Seed, build_seeds
from tests.bench.pipeline.session import MAX_SECONDS, Session, open_session
from tests.bench.pipeline.table import Section
from tests.bench.pipeline.throughput import NAMES
from tests.bench.pipeline.topics import send_seed, wait_for

LEAST_PAUSE, MOST_PAUSE = 0.15, 0.45  # seconds between drops: in no step with anybody's polling


async def measure_latency(scratch: Path, kind: EngineKind, scale: Scale) -> Section:
    section = Section(f"From drop to published: {NAMES[kind]}")
    if kind == "real" and (missing := find_missing_engines()):
        section.left_out.append(f"the real engines are not here: {missing}.")
        return section
    measured: dict[str, tuple[list[float], list[float]]] = {}
    idle_cpu: dict[str, float] = {}
    rate = 0.0
    for name, candidate in (("seedwire", TABLE), ("floor", FLOOR)):
        folder = scratch / name
        with start_engines(kind, folder) as engines:
            async with open_session(candidate, engines, folder / "logs") as session:
                idle_cpu[candidate.name] = await _measure_idle_cpu(session, scale.load_seconds)
                idle = await _drop_at_idle(session, scale.idle_drops)
                if not rate:  # half of what Seedwire can do, for all of them
                    rate = (await session.run_burst(scale.articles)).articles_a_second / 2
                loaded = await _drop_under_load(session, rate, scale.load_seconds)
                measured[candidate.name] = (idle, loaded)
    for number, load in enumerate(("idle", f"half load, {rate:.0f} articles/s")):
        floor = measured[FLOOR.name][number]
        for name, latencies in measured.items():
            _add_rows(section, f"{name}, {load}", latencies[number], floor)
    for name, share in idle_cpu.items():
        note = "of one core: one process of each service, and the engines"
        section.add(f"{name}: CPU at idle", [share], "share", [idle_cpu[FLOOR.name]], note)
    return section


async def _measure_idle_cpu(session: Session, seconds: float) -> float:
    """The share of one core that everybody uses while nothing is dropped."""
    await asyncio.sleep(1.0)  # what follows the last article
    began, before = time.monotonic(), session.read_cpu()
    await asyncio.sleep(seconds)
    return (session.read_cpu() - before) / (time.monotonic() - began)


def _add_rows(section: Section, what: str, values: list[float], floor: list[float]) -> None:
    for share in (0.5, 0.99):
        name = f"{what}: p{100 * share:.0f}"
        drops = f"of {len(values)} drops"
        section.add(
            name, [_find_quantile(values, share)], "ms", [_find_quantile(floor, share)], drops
        )


async def _drop_at_idle(session: Session, drops: int) -> list[float]:
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
