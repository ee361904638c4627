"""The engines under the store that are measured."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from shared.store import Store
from tests.engines.fetch import fetch_jars
from tests.engines.mongo import MongoStandIn
from tests.opened_store import opened

HEAP = "6g"  # of the stand-in, which keeps everything in memory


class SqliteFile:
    name = "SQLite"

    def __init__(self, path: Path) -> None:
        self._path = path

    async def measure_size(self, articles: int) -> tuple[float, float]:
        """Rows per article in the tables for finding candidates, and bytes of the whole file."""
        connection = sqlite3.connect(self._path)
        try:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
            [rows] = connection.execute("SELECT count(*) FROM postings").fetchone()
            [size] = connection.execute(
                "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
            ).fetchone()
        finally:
            connection.close()
        return 1 + rows / articles, size / articles


class StandIn:
    name = "mongo-java-server"

    async def measure_size(self, articles: int) -> tuple[float, float]:
        """One document per article, terms and all; it does not say how many bytes."""
        return 1.0, 0.0


@asynccontextmanager
async def open_sqlite(folder: Path) -> AsyncIterator[tuple[SqliteFile, Store]]:
    """A file of its own. Saving does not wait for the disk, which is not what is measured."""
    path = folder / "scale.db"
    async with opened(f"sqlite:///{path}?synchronous=normal") as store:
        yield SqliteFile(path), store


@asynccontextmanager
async def open_stand_in(folder: Path) -> AsyncIterator[tuple[StandIn, Store]]:
    with MongoStandIn(fetch_jars(), folder, heap=HEAP) as mongo:
        async with opened(f"{mongo.uri}/scale") as store:
            yield StandIn(), store
