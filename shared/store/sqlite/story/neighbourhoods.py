"""Dirty marks in SQLite."""

import sqlite3
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from shared.store.ports.story.neighbourhoods import DirtyMark
from shared.store.sqlite.engine.database import Database
from shared.store.sqlite.engine.encoding import from_optional_micros, to_micros


class SqliteNeighbourhoods:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def mark_dirty(self, ids: Collection[str], now: datetime) -> None:
        statement = """INSERT INTO unsettled VALUES (?, ?, ?, 0)
            ON CONFLICT (article) DO UPDATE SET mark = excluded.mark, leased_until = 0"""
        mark, since = uuid4().hex, to_micros(now)
        rows = [(article_id, mark, since) for article_id in ids]
        await self._database.execute_many(statement, rows)

    async def mark_and_claim(
        self, ids: Collection[str], now: datetime, lease: timedelta
    ) -> list[DirtyMark]:
        if not ids:
            return []
        return await self._database.write(
            lambda connection: _mark_and_claim(connection, ids, now, lease)
        )

    async def claim_dirty(self, now: datetime, lease: timedelta, limit: int) -> list[DirtyMark]:
        return await self._database.write(lambda connection: _claim(connection, now, lease, limit))

    async def clear_dirty(self, marks: Sequence[DirtyMark]) -> None:
        statement = "DELETE FROM unsettled WHERE article = ? AND mark = ?"
        rows = [(mark.article_id, mark.mark) for mark in marks]
        await self._database.execute_many(statement, rows)

    async def get_dirty_since(self) -> datetime | None:
        (since,) = await self._database.fetch_one("SELECT min(since) FROM unsettled")
        return from_optional_micros(since)

    async def count_claimed(self, now: datetime) -> int:
        query = "SELECT count(*) FROM unsettled WHERE leased_until > ?"
        (count,) = await self._database.fetch_one(query, (to_micros(now),))
        return int(count)

    async def count_dirty(self) -> int:
        (count,) = await self._database.fetch_one("SELECT count(*) FROM unsettled")
        return int(count)


def _mark_and_claim(
    connection: sqlite3.Connection, ids: Collection[str], now: datetime, lease: timedelta
) -> list[DirtyMark]:
    mark = uuid4().hex
    statement = "INSERT OR IGNORE INTO unsettled VALUES (?, ?, ?, ?)"
    values = (mark, to_micros(now), to_micros(now + lease))
    marks: list[DirtyMark] = []
    for article_id in ids:
        is_new = connection.execute(statement, (article_id, *values)).rowcount == 1
        if is_new:
            marks.append(DirtyMark(article_id, mark))
    return marks


def _claim(
    connection: sqlite3.Connection, now: datetime, lease: timedelta, limit: int
) -> list[DirtyMark]:
    statement = """UPDATE unsettled SET leased_until = ?1 WHERE article IN (
        SELECT article FROM unsettled WHERE leased_until <= ?2 ORDER BY since, article LIMIT ?3)
        RETURNING article, mark"""
    values = (to_micros(now + lease), to_micros(now), limit)
    rows = connection.execute(statement, values).fetchall()
    return [DirtyMark(article_id, mark) for article_id, mark in sorted(rows)]
