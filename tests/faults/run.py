"""A fault run: faults one after the other and side by side, then heal, drain, check; again until there were enough."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from services.console.audit.auditor import audit
from tests.faults.checks import breaches
from tests.faults.engines import Kind
from tests.faults.kinds import SORTS, Sort
from tests.faults.newsroom import DRAIN_SECONDS, Newsroom, newsroom

ROUND: Final = 25  # faults between two checks
AT_ONCE: Final = 4  # faults on different processes at one time
PACE: Final = 0.3  # seconds between two


@dataclass
class Report:
    """What was done and what was found. *breaches* are to stay empty."""

    kind: Kind
    seed: int
    faults: Counter[str] = field(default_factory=Counter)
    breaches: list[str] = field(default_factory=list)
    longest: dict[str, float] = field(default_factory=dict)
    started_over: int = (
        0  # times that a group of the embedded broker locked, and everything began anew
    )
    drops: int = 0
    articles: int = 0
    seconds: float = 0
    spent: Counter[str] = field(default_factory=Counter)  # seconds, by what for

    @property
    def injected(self) -> int:
        return sum(self.faults.values())


@dataclass
class Plan:
    """What to do. *sorts*: these alone; none: all that fit the engines. *bug* is planted: `(service, name)`."""

    kind: Kind
    seed: int
    faults: int
    sorts: Collection[str] = ()
    bug: tuple[str, str] | None = None
    round: int = ROUND
    patience: float = DRAIN_SECONDS
    say: Callable[[str], None] = lambda line: print(line, flush=True)

    def choices(self) -> dict[str, Sort]:
        return {
            name: sort
            for name, sort in SORTS.items()
            if (name in self.sorts if self.sorts else sort.only in ("", self.kind))
        }


async def run(plan: Plan, folder: Path) -> Report:
    """Carry out *plan* with its files in *folder*. Ends early at the first breach."""
    report = Report(plan.kind, plan.seed)
    began = time.monotonic()
    async with newsroom(plan.kind, plan.seed, folder, plan.bug) as room:
        while report.injected < plan.faults and not report.breaches:
            await _round(room, plan, report)
            report.longest = dict(room.recovery.longest)
            report.seconds = time.monotonic() - began
            plan.say(_progress(report, plan))
    return report


async def _round(room: Newsroom, plan: Plan, report: Report) -> None:
    began = time.monotonic()
    enough = asyncio.Event()
    pouring = asyncio.create_task(room.pour(enough))
    wanted = min(plan.round, plan.faults - report.injected)
    try:
        await _inject(room, plan.choices(), wanted, report.faults)
    finally:
        _heal(room)
        enough.set()
        await pouring
    injected = time.monotonic()
    report.breaches += await broken(room, plan.patience)
    report.started_over = room.started_over
    report.drops, report.articles = len(room.stream.drops), len(room.stream.pieces)
    report.spent += Counter(inject=injected - began, check=time.monotonic() - injected)
    report.breaches += [
        f"{slot.name} halted" for slot in room.fleet.slots.values() if 4 in slot.deaths
    ]


async def broken(room: Newsroom, patience: float = DRAIN_SECONDS) -> list[str]:
    """All that is wrong once everybody had so many seconds to finish.

    A picture that was parked may come while we look, and its articles wait again: what is found is looked at twice.
    """
    for _ in range(2):
        left = await room.drained(patience)
        found = [*[f"not drained: {left}"] * bool(left), *await _found(room)]
        if not found:
            break
    return found


async def _found(room: Newsroom) -> list[str]:
    return [
        *await breaches(room.stream, room.outside, room.store, room.poison),
        *await audited(room),
    ]


async def _inject(
    room: Newsroom, choices: dict[str, Sort], wanted: int, faults: Counter[str]
) -> None:
    """Inject *wanted* faults, some at a time; those that did not come about are not counted."""
    until = sum(faults.values()) + wanted
    running: dict[asyncio.Task[bool], str] = {}
    while sum(faults.values()) < until:
        if len(running) < min(AT_ONCE, until - sum(faults.values())):
            name = _next(room, choices, running.values())
            running[asyncio.create_task(choices[name].inject(room))] = name
        done, _ = await asyncio.wait(running, timeout=PACE)
        for task in done:
            faults[running.pop(task)] += task.result()
    await asyncio.gather(*running)


def _next(room: Newsroom, choices: dict[str, Sort], running: Collection[str]) -> str:
    is_alone = any(choices[name].alone for name in running)
    fitting = {name: sort.weight for name, sort in choices.items() if not (is_alone and sort.alone)}
    return room.chance.choices([*fitting], [*fitting.values()])[0]


async def audited(room: Newsroom) -> list[str]:
    """The breaches that `seedwire audit` finds. What it finds pending is parked work: all else was awaited."""
    report = await audit(room.settings, room.store)
    return [f"audit, {b.promise}: {b.sentence} ({b.where})" for b in report.found if not b.pending]


def _heal(room: Newsroom) -> None:
    for proxy in room.engines.proxies:
        proxy.heal()
    for slot in room.fleet.slots.values():
        room.fleet.disarm(slot)


def _progress(report: Report, plan: Plan) -> str:
    rate = report.injected / report.seconds
    return (
        f"{report.injected:5} of {plan.faults} faults, {report.drops} drops, {report.articles} articles, "
        f"{len(report.breaches)} breaches, {report.seconds:.0f} s, {rate:.2f} faults/s"
    )
