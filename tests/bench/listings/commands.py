"""What the commands that list or show cost in a large newsroom: `make bench-listings`, or

    python -m tests.bench.listings.commands [ARTICLES] [mongo]

Each is a process of its own, as people start it: seconds until it has ended, and its CPU with the
start of Python.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from shared.store import ListingQuery, Store, connect
from shared.store.sqlite.engine.database import Database as SqliteDatabase
from tests.bench.listings.newsroom import fill_newsroom
from tests.engines.fetch import fetch_jars
from tests.engines.mongo import MongoStandIn

ARTICLES: Final = 100_000
CACHE: Final = "PRAGMA cache_size = -400000"  # kilobytes
COMMANDS: Final = (
    ("list",),
    ("list", "--published"),
    ("list", "--limit", "50"),
    ("list", "--search", "word77"),
    ("list", "--topic", "topic 199"),
    ("list", "--json", "--limit", "2000"),
    ("story", "list"),
    ("story", "show", "ARTICLE"),
    ("show", "ARTICLE"),
    ("why", "ARTICLE"),
    ("rejected", "list"),
    ("rejected", "list", "--by-cause"),
    ("rejected", "show", "bench/seeds/0/7"),
    ("images", "parked"),
    ("log",),
    ("log", "--limit", "0"),
)
"""ARTICLE stands for the latest article, which is in a story."""


@dataclass(frozen=True)
class CommandCost:
    command: str
    seconds: float
    cpu_seconds: float
    lines: int  # that it printed


def measure_commands(store_url: str, article_id: str) -> Iterator[CommandCost]:
    """The cost of each command over this store; *article_id* is shown."""
    environment = {**os.environ, "SEEDWIRE_STORE": store_url}
    for command in COMMANDS:
        arguments = [article_id if word == "ARTICLE" else word for word in command]
        yield measure_command(arguments, environment)


def measure_command(arguments: Sequence[str], environment: Mapping[str, str]) -> CommandCost:
    """The cost of one command. Raises CalledProcessError if it fails."""
    command = [sys.executable, "-m", "services.console", *arguments]
    started, before = time.perf_counter(), os.times()
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
    seconds, after = time.perf_counter() - started, os.times()
    cpu = after.children_user + after.children_system
    cpu -= before.children_user + before.children_system
    return CommandCost(" ".join(arguments), seconds, cpu, done.stdout.count(b"\n"))


async def prepare_newsroom(store_url: str, articles: int) -> str:
    """Fill the store; returns the id of its latest article."""
    store = connect(store_url)
    await store.open()
    try:
        await _enlarge_cache(store)
        await fill_newsroom(store, articles)
        (latest,) = await store.listings.find(ListingQuery(), limit=1)
        return latest.article_id
    finally:
        await store.close()


async def _enlarge_cache(store: Store) -> None:
    """Let SQLite keep the whole newsroom in memory while it is filled: a third less of CPU."""
    database: Any = getattr(store.articles, "_database", None)
    if isinstance(database, SqliteDatabase):
        await database.read(lambda connection: connection.execute(CACHE).fetchall())


@contextmanager
def open_engine(engine: str, folder: Path) -> Iterator[str]:
    """The address of an empty store: `sqlite`, or `mongo` for the stand-in."""
    if engine == "sqlite":
        yield f"sqlite:///{folder}/bench.db?synchronous=normal"
        return
    with MongoStandIn(fetch_jars(), folder, heap="4g") as mongo:
        yield f"{mongo.uri}/commands"


def main() -> None:
    arguments = sys.argv[1:]
    numbers = [int(argument) for argument in arguments if argument.isdigit()]
    articles = numbers[0] if numbers else ARTICLES
    engine = "mongo" if "mongo" in arguments else "sqlite"
    with tempfile.TemporaryDirectory() as folder, open_engine(engine, Path(folder)) as url:
        article_id = asyncio.run(prepare_newsroom(url, articles))
        print(f"{articles:,} articles, {engine}")
        print(f"{'command':<40}{'seconds':>8}{'CPU':>8}{'lines':>9}")
        for cost in measure_commands(url, article_id):
            row = f"{cost.command:<40}{cost.seconds:>8.2f}{cost.cpu_seconds:>8.2f}{cost.lines:>9}"
            print(row, flush=True)


if __name__ == "__main__":
    main()
