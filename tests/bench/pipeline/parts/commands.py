"""What commands take in a large newsroom, each beside the same answer by a script of its own.

The floor of a command is a Python that reads the same rows with `sqlite3` and prints them: no
command can be faster than that.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.bench.listings.commands import prepare_newsroom
from tests.bench.pipeline.harness.command_timing import SEEDWIRE, time_command
from tests.bench.pipeline.harness.engines import Engines, start_engines
from tests.bench.pipeline.harness.topics import create_topics
from tests.bench.pipeline.page.report import Report
from tests.bench.pipeline.page.table import Section
from tests.bench.pipeline.scale import Scale

_OPEN = "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); "
_LIST = """SELECT article, published, heat, quality, relatives, published_at, title
    FROM listings ORDER BY heat DESC, published_at DESC"""
_PUBLISHED = """SELECT article, published, heat, quality, relatives, published_at, title
    FROM listings WHERE published = 1 ORDER BY heat DESC, published_at DESC"""
_SEARCH = """SELECT article, title FROM listings WHERE article IN
    (SELECT article FROM title_words WHERE word = 'word77')"""
_SHOW = """SELECT seed, articles.version, heat, lead, reason FROM articles
    JOIN decisions ON article = id WHERE id = (SELECT min(id) FROM articles)"""
_STATUS = """SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM decisions),
    (SELECT count(*) FROM pending), (SELECT count(*) FROM due)"""
_STORIES = "SELECT id, title, lead FROM stories"
_REJECTED = "SELECT id, service, rejected_at FROM rejected"
_PARKED = "SELECT article, url, due FROM parked ORDER BY due"


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
    Command(["list", "--search", "word77"], _read(_SEARCH)),
    Command(["show", "ID"], _read(_SHOW)),
    Command(["why", "ID"], _read(_SHOW)),
    Command(["story", "list"], _read(_STORIES)),
    Command(["rejected", "list"], _read(_REJECTED)),
    Command(["images", "parked"], _read(_PARKED)),
)


async def measure_commands(scratch: Path, scale: Scale, report: Report) -> None:
    section = report.begin(f"Commands, with {scale.stored_articles:,} articles in SQLite")
    with start_engines("embedded", scratch) as engines:
        await create_topics(engines.settings)
        url = f"{engines.store}?synchronous=normal"
        article_id = await prepare_newsroom(url, scale.stored_articles)
        for command in COMMANDS:
            arguments = [article_id if part == "ID" else part for part in command.arguments]
            try:
                await _measure(section, command, arguments, engines, scale.few_repeats)
            except RuntimeError as error:
                section.left_out.append(str(error))


async def _measure(
    section: Section, command: Command, arguments: Sequence[str], engines: Engines, repeats: int
) -> None:
    own = [SEEDWIRE, *arguments]
    path = engines.store.removeprefix("sqlite:///")
    floor = [sys.executable, "-c", command.floor, path]
    taken = [await time_command(own, engines.environment) for _ in range(repeats)]
    beside = [await time_command(floor, {}) for _ in range(repeats)]
    section.add(
        f"seedwire {' '.join(command.arguments)}",
        [timing.seconds for timing in taken],
        "s",
        [timing.seconds for timing in beside],
        f"{median(timing.cpu for timing in taken):.2f} s of CPU",
    )
