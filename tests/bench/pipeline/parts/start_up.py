"""`seedwire up` from nothing, until every service works."""

import asyncio
import subprocess
import sys
import time
from pathlib import Path

from tests.bench.pipeline.harness.command_timing import SEEDWIRE, time_command
from tests.bench.pipeline.harness.processes import ROOT
from tests.bench.pipeline.page.report import Report
from tests.bench.pipeline.scale import Scale

MODULES = (
    "services.ingest.main",
    "services.enrichment.images.main",
    "services.enrichment.images.main",
    "services.enrichment.related.main",
    "services.publishing.main",
    "services.web.main",
    "services.console.web.main",
)
"""What the processes of a newsroom import: two of them are images."""


async def measure_start_up(scratch: Path, scale: Scale, report: Report) -> None:
    section = report.begin("Start-up: `seedwire up --detach`, from nothing to every service")
    took: list[float] = []
    floor: list[float] = []
    for number in range(scale.few_repeats):
        home = str(scratch / f"home{number}")
        took.append(await _time_up(home))
        floor.append(await _time_imports())
    note = "the floor starts as many Pythons that import what the services import, and no more"
    section.add("ready", took, "s", floor, note)


async def _time_up(home: str) -> float:
    environment = {"SEEDWIRE_HOME": home, "SEEDWIRE_BROKER_PORT": "0"}
    try:
        return (await time_command([SEEDWIRE, "up", "--detach"], environment)).seconds
    finally:
        await asyncio.shield(time_command([SEEDWIRE, "down"], environment, (0, 1)))


async def _time_imports() -> float:
    began = time.monotonic()
    importing = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", f"import {module}", cwd=ROOT, stdout=subprocess.DEVNULL
        )
        for module in MODULES
    ]
    try:
        for process in importing:
            await process.wait()
    finally:
        for process in importing:
            if process.returncode is None:
                process.kill()
                await process.wait()
    return time.monotonic() - began
