"""A fault run: rounds of faults, after each of which everything is healed, drained and checked."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from services.console.audit.auditor import audit
from tests.faults.checks.breach_checks import find_breaches
from tests.faults.fault_kinds import FaultKind, select_kinds
from tests.faults.system.engines import EngineKind
from tests.faults.system.system_under_test import DRAIN_SECONDS, SystemUnderTest, start_system

ROUND: Final = 25  # faults between two checks
MAX_CONCURRENT: Final = 4  # faults at a time, on different processes
PACE_SECONDS: Final = 0.3  # between two faults
# Work that was parked may come back while the checks run, so what they find is looked at again, up
# to this often and as long as it changes.
MAX_LOOKS: Final = 5


@dataclass
class Plan:
    """What to do in a run. *bug* is `(service, name of a planted bug)`."""

    engine: EngineKind
    seed: int
    faults: int
    only: Collection[str] = ()  # kinds of faults; empty: all that are possible on the engines
    bug: tuple[str, str] | None = None
    round: int = ROUND
    drain_seconds: float = DRAIN_SECONDS
    print_line: Callable[[str], None] = lambda line: print(line, flush=True)


@dataclass
class Report:
    """What was done and what was found. There should be no breaches."""

    engine: EngineKind
    seed: int
    faults: Counter[str] = field(default_factory=Counter)  # by kind
    breaches: list[str] = field(default_factory=list)
    longest_recovery: dict[str, float] = field(default_factory=dict)  # seconds, by kind of fault
    full_restarts: int = 0
    drops: int = 0
    articles: int = 0
    seconds: float = 0
    inject_seconds: float = 0
    check_seconds: float = 0

    @property
    def injected(self) -> int:
        return self.faults.total()


async def run_plan(plan: Plan, folder: Path) -> Report:
    """Carry out *plan*, with all files in *folder*. Ends at the first round with a breach."""
    report = Report(plan.engine, plan.seed)
    began = time.monotonic()
    async with start_system(plan.engine, plan.seed, folder, plan.bug) as system:
        while report.injected < plan.faults and not report.breaches:
            await _run_round(system, plan, report)
            report.seconds = time.monotonic() - began
            plan.print_line(_describe_progress(report, plan))
    return report


async def _run_round(system: SystemUnderTest, plan: Plan, report: Report) -> None:
    began = time.monotonic()
    stop = asyncio.Event()
    dropping = asyncio.create_task(system.drop_seeds(stop))
    wanted = min(plan.round, plan.faults - report.injected)
    try:
        kinds = select_kinds(plan.engine, plan.only)
        await _inject_faults(system, kinds, wanted, report.faults)
    finally:
        _heal(system)
        stop.set()
        await dropping
    injected = time.monotonic()
    report.breaches += await drain_and_check(system, plan.drain_seconds)
    for managed in system.processes.all:
        if managed.has_halted:
            report.breaches.append(f"{managed.name} halted")
    report.full_restarts = system.full_restarts
    report.drops, report.articles = len(system.stream.drops), len(system.stream.articles)
    report.longest_recovery = dict(system.recovery.longest)
    report.inject_seconds += injected - began
    report.check_seconds += time.monotonic() - injected


async def drain_and_check(
    system: SystemUnderTest, drain_seconds: float = DRAIN_SECONDS
) -> list[str]:
    """All breaches, after everything has had so many seconds to finish.

    Breaches count once another look has found the same ones.
    """
    breaches: list[str] = []
    for _ in range(MAX_LOOKS):
        earlier = breaches
        pending = await system.drain(drain_seconds)
        breaches = [f"not drained: {pending}"] if pending else []
        breaches += await _find_all_breaches(system)
        if not breaches or sorted(breaches) == sorted(earlier):
            break
    return breaches


async def _find_all_breaches(system: SystemUnderTest) -> list[str]:
    """By the checks of the suite, and by `seedwire audit`.

    What the audit finds pending is parked work, because everything else has been waited for.
    """
    breaches = await find_breaches(system.stream, system.client, system.store, system.poison_count)
    report = await audit(system.settings, system.store)
    for breach in report.found:
        if not breach.pending:
            breaches.append(f"audit, {breach.promise}: {breach.sentence} ({breach.where})")
    return breaches


async def _inject_faults(
    system: SystemUnderTest, kinds: dict[str, FaultKind], wanted: int, faults: Counter[str]
) -> None:
    """Inject *wanted* faults, some at a time. Faults that do not come about are not counted."""
    goal = faults.total() + wanted
    running: dict[asyncio.Task[bool], str] = {}
    while faults.total() < goal:
        if len(running) < min(MAX_CONCURRENT, goal - faults.total()):
            name = _choose_kind(system, kinds, running.values())
            running[asyncio.create_task(kinds[name].inject(system))] = name
        done, _ = await asyncio.wait(running, timeout=PACE_SECONDS)
        for task in done:
            faults[running.pop(task)] += task.result()
    await asyncio.gather(*running)


def _choose_kind(
    system: SystemUnderTest, kinds: dict[str, FaultKind], running: Collection[str]
) -> str:
    is_all_hit = any(kinds[name].hits_all for name in running)
    weights = {}
    for name, kind in kinds.items():
        if not (is_all_hit and kind.hits_all):
            weights[name] = kind.weight
    return system.random.choices([*weights], [*weights.values()])[0]


def _heal(system: SystemUnderTest) -> None:
    for proxy in system.engines.proxies:
        proxy.heal()
    for managed in system.processes.all:
        system.processes.disarm(managed)


def _describe_progress(report: Report, plan: Plan) -> str:
    rate = report.injected / report.seconds
    return (
        f"{report.injected:5} of {plan.faults} faults, {report.drops} drops, "
        f"{report.articles} articles, {len(report.breaches)} breaches, "
        f"{report.seconds:.0f} s, {rate:.2f} faults/s"
    )
