"""The store of the floor: three tables or collections, written in bulk, each write durable."""

import sqlite3
from collections.abc import Sequence
from typing import Any, Protocol

from pymongo import AsyncMongoClient, InsertOne, ReplaceOne
from pymongo.errors import BulkWriteError

Article = tuple[str, str, bytes]
"""An article's id, its URL, and its seed."""
Decision = tuple[str, int, bytes]
"""An article's id, its heat, and the published document."""

_TABLES = """
CREATE TABLE IF NOT EXISTS articles (id TEXT PRIMARY KEY, seed BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS aliases (url TEXT PRIMARY KEY, id TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS decisions (
    id TEXT PRIMARY KEY, heat INTEGER NOT NULL, document BLOB NOT NULL) WITHOUT ROWID;
"""


class FloorStore(Protocol):
    async def save_articles(self, articles: Sequence[Article]) -> None: ...

    async def load_articles(self, ids: Sequence[str]) -> dict[str, bytes]: ...

    async def save_decisions(self, decisions: Sequence[Decision]) -> None: ...


async def open_floor_store(url: str) -> FloorStore:
    if url.startswith("sqlite:///"):
        return SqliteFloor(url.removeprefix("sqlite:///"))
    return MongoFloor(url)


class SqliteFloor:
    """Every call is one transaction and one flush to the disk, as in Seedwire's adapter."""

    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(path, timeout=30, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.executescript(_TABLES)

    async def save_articles(self, articles: Sequence[Article]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany(
            "INSERT OR REPLACE INTO articles VALUES (?, ?)", [(a[0], a[2]) for a in articles]
        )
        self._connection.executemany(
            "INSERT OR IGNORE INTO aliases VALUES (?, ?)", [(a[1], a[0]) for a in articles]
        )
        self._connection.execute("COMMIT")

    async def load_articles(self, ids: Sequence[str]) -> dict[str, bytes]:
        marks = ",".join("?" * len(ids))
        query = f"SELECT id, seed FROM articles WHERE id IN ({marks})"
        return dict(self._connection.execute(query, ids).fetchall())

    async def save_decisions(self, decisions: Sequence[Decision]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany("INSERT OR REPLACE INTO decisions VALUES (?, ?, ?)", decisions)
        self._connection.execute("COMMIT")


class MongoFloor:
    """Unordered bulk writes, each acknowledged with its journal."""

    def __init__(self, url: str) -> None:
        client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(url, w="majority", journal=True)
        self._database = client.get_default_database()

    async def save_articles(self, articles: Sequence[Article]) -> None:
        seeds = [ReplaceOne({"_id": a[0]}, {"seed": a[2]}, upsert=True) for a in articles]
        aliases = [InsertOne({"_id": a[1], "article": a[0]}) for a in articles]
        await self._database.articles.bulk_write(seeds, ordered=False)
        try:
            await self._database.aliases.bulk_write(aliases, ordered=False)
        except BulkWriteError as error:
            if any(fault["code"] != 11_000 for fault in error.details["writeErrors"]):
                raise

    async def load_articles(self, ids: Sequence[str]) -> dict[str, bytes]:
        found = self._database.articles.find({"_id": {"$in": list(ids)}})
        return {document["_id"]: document["seed"] async for document in found}

    async def save_decisions(self, decisions: Sequence[Decision]) -> None:
        writes = [
            ReplaceOne({"_id": d[0]}, {"heat": d[1], "document": d[2]}, upsert=True)
            for d in decisions
        ]
        await self._database.decisions.bulk_write(writes, ordered=False)
