"""Who waits for whom during a backlog: the share of the time that each service spends waiting.

Waits overlap: while a batch waits for the disk, the consumer may already wait for records. So the
shares of a service may add up to more than one; what counts is which are large.
"""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

from tests.bench.pipeline.builds.candidates import TABLE
from tests.bench.pipeline.harness.engines import start_engines
from tests.bench.pipeline.harness.processes import Role
from tests.bench.pipeline.harness.session import Session, open_session
from tests.bench.pipeline.harness.timed_service import WAITS
from tests.bench.pipeline.page.report import Report
from tests.bench.pipeline.scale import Scale

Waits = dict[str, dict[str, float]]
"""Seconds by role and wait."""


async def measure_waits(scratch: Path, scale: Scale, report: Report) -> None:
    section = report.begin("Who waits for whom in a backlog, linked by table (embedded engines)")
    roles = [_time_role(role, scratch) for role in TABLE.roles]
    timed = replace(TABLE, roles=roles)
    shares: dict[tuple[str, str], list[float]] = {}
    with start_engines("embedded", scratch / "engines") as engines:
        async with open_session(timed, engines, scratch / "logs") as session:
            for _ in range(scale.few_repeats):
                before = await _read(session, scratch)
                burst = await session.run_burst(scale.articles)
                after = await _read(session, scratch)
                for role in roles:
                    for wait in WAITS:
                        seconds = after[role.name].get(wait, 0) - before[role.name].get(wait, 0)
                        shares.setdefault((role.name, wait), []).append(seconds / burst.seconds)
                    work = burst.cpu[role.name] / burst.seconds
                    shares.setdefault((role.name, "at work (CPU)"), []).append(work)
    for (role_name, wait), values in shares.items():
        section.add(f"{role_name}: {wait}", values, "share of the time")


def _time_role(role: Role, folder: Path) -> Role:
    module = "tests.bench.pipeline.harness.timed_service"
    return Role(role.name, [module, *role.arguments, str(folder / f"{role.name}.json")])


async def _read(session: Session, folder: Path) -> Waits:
    for path in folder.glob("*.json"):
        path.unlink()
    session.processes.ask_for_counts()
    waits: Waits = {}
    for name in session.processes.names:
        path = folder / f"{name}.json"
        while not path.exists():
            session.processes.check()
            await asyncio.sleep(0.05)
        waits[name] = json.loads(path.read_text())
    return waits
