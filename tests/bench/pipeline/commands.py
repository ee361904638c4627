"""Start-up, and what commands take, each beside the same answer by a script of its own.

The floor of a command is a Python that reads the same rows with `sqlite3` and prints them: no
command can be faster than that.
"""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from shared.store import connect
from tests.bench.listings.feed import fill
from tests.bench.pipeline.engines import start_engines
from tests.bench.pipeline.processes import ROOT
from tests.bench.pipeline.scale import Scale
from tests.bench.pipeline.table import Section
from tests.bench.pipeline.topics import create_topics

SEEDWIRE = [str(Path(sys.executable).with_name("seedwire"))]
_OPEN = "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); "
_LIST = """SELECT article, published, heat, quality, relatives, published_at, title
    FROM listings ORDER BY heat DESC, published_at DESC"""
_PUBLISHED = """SELECT article, published, heat, quality, relatives, published_at, title
    FROM listings WHERE published = 1 ORDER BY heat DESC, published_at DESC"""
_SHOW = """SELECT seed, version, heat, lead, reason FROM articles
    JOIN decisions ON article = id WHERE id = (SELECT min(id) FROM articles)"""
_STATUS = """SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM decisions),
    (SELECT count(*) FROM pending), (SELECT count(*) FROM due)"""


@dataclass(frozen=True)
class Command:
    arguments: Sequence[str]
    floor: str  # Python, with the path of the database as its argument


def _read(query: str) -> str:
    return f"{_OPEN}print(*db.execute({' '.join(query.split())!r}).fetchall(), sep='\\n')"


COMMANDS = (
    Command(["--help"], "print('help')"),
    Command(["status"], _read(_STATUS)),
    Command(["list", "--limit", "50"], _read(f"{_LIST} LIMIT 50")),
    Command(["list", "--published"], _read(_PUBLISHED)),
    Command(["list"], _read(_LIST)),
    Command(["show", "ID"], _read(_SHOW)),
)


async def measure_commands(scratch: Path, scale: Scale) -> Section:
    section = Section(f"Commands, with {scale.stored_articles:,} articles in SQLite")
    with start_engines("embedded", scratch) as engines:
        await create_topics(engines.settings)
        article_id = await _fill(engines.store, scale.stored_articles)
        path = engines.store.removeprefix("sqlite:///")
        for command in COMMANDS:
            arguments = [article_id if part == "ID" else part for part in command.arguments]
            own = [*SEEDWIRE, *arguments]
            floor = [sys.executable, "-c", command.floor, path]
            taken = [time_command(own, engines.environment) for _ in range(scale.few_repeats)]
            beside = [time_command(floor, {})[0] for _ in range(scale.few_repeats)]
            cpu = f"{median(cpu for _, cpu in taken):.2f} s of CPU"
            name = f"seedwire {' '.join(command.arguments)}"
            section.add(name, [seconds for seconds, _ in taken], "s", beside, cpu)
    return section


async def _fill(url: str, articles: int) -> str:
    """Fill the store; returns the id of one article."""
    store = connect(f"{url}?synchronous=normal")
    await store.open()
    try:
        await fill(store, articles)
        (first,) = await store.articles.list_page(limit=1)
        return first.id
    finally:
        await store.close()


def time_command(command: Sequence[str], environment: Mapping[str, str]) -> tuple[float, float]:
    """Seconds until the command has ended, and of its CPU. Its output is thrown away."""
    began = time.monotonic()
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0  # it was waited for here
    return time.monotonic() - began, usage.ru_utime + usage.ru_stime


async def measure_start_up(scratch: Path, scale: Scale) -> Section:
    """`seedwire up` from nothing, until every service works."""
    section = Section("Start-up: `seedwire up --detach`, from nothing to every service at work")
    took: list[float] = []
    floor: list[float] = []
    for number in range(scale.few_repeats):
        home = str(scratch / f"home{number}")
        environment = {"SEEDWIRE_HOME": home, "SEEDWIRE_BROKER_PORT": "0", "SEEDWIRE_STORE": ""}
        took.append(time_command([*SEEDWIRE, "up", "--detach"], environment)[0])
        time_command([*SEEDWIRE, "down"], environment)
        floor.append(_time_imports())
    note = "the floor starts as many Pythons that import what the services import, and no more"
    section.add("ready", took, "s", floor, note)
    return section


def _time_imports() -> float:
    modules = (
        "services.ingest.main",
        "services.enrichment.images.main",
        "services.enrichment.images.main",
        "services.enrichment.related.main",
        "services.publishing.main",
        "services.web.main",
        "services.console.web.main",
    )
    began = time.monotonic()
    importing = [
        subprocess.Popen([sys.executable, "-c", f"import {module}"], cwd=ROOT) for module in modules
    ]
    for process in importing:
        process.wait()
    return time.monotonic() - began
