"""Parked work in SQLite."""

import json
import sqlite3
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from shared.store.ports.parked import Parked
from shared.store.sqlite.database import Database, from_micros, to_micros


class SqliteParked:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def park(self, work: Sequence[Parked]) -> None:
        rows = [
            (one.article_id, one.url, to_micros(one.due), one.attempts, one.reason) for one in work
        ]
        statement = "INSERT OR REPLACE INTO parked VALUES (?, ?, ?, ?, ?, '', 0)"
        if rows:
            await self._database.write(lambda connection: connection.executemany(statement, rows))

    async def claim(self, now: datetime, lease: timedelta, limit: int) -> list[Parked]:
        return await self._database.write(lambda connection: _claim(connection, now, lease, limit))

    async def done(self, work: Sequence[Parked]) -> None:
        rows = [(one.article_id, one.url, one.claim) for one in work]
        statement = "DELETE FROM parked WHERE article = ? AND url = ? AND claim = ?"
        if rows:
            await self._database.write(lambda connection: connection.executemany(statement, rows))

    async def on(self, urls: Collection[str]) -> list[Parked]:
        query = """SELECT article, parked.url, due, attempts, reason, claim FROM parked
            JOIN json_each(?) ON parked.url = value ORDER BY article, parked.url"""
        values = (json.dumps([*set(urls)]),)
        rows = await self._database.read(
            lambda connection: connection.execute(query, values).fetchall()
        )
        return [_parked(row, row[5]) for row in rows]

    async def page(self, limit: int = 100) -> list[Parked]:
        query = "SELECT article, url, due, attempts, reason, claim FROM parked ORDER BY due, article, url LIMIT ?"
        rows = await self._database.read(
            lambda connection: connection.execute(query, (limit,)).fetchall()
        )
        return [_parked(row, row[5]) for row in rows]

    async def count(self) -> int:
        query = "SELECT count(*) FROM parked"
        row = await self._database.read(lambda connection: connection.execute(query).fetchone())
        return int(row[0])


def _claim(
    connection: sqlite3.Connection, now: datetime, lease: timedelta, limit: int
) -> list[Parked]:
    at, token = to_micros(now), uuid4().hex
    query = """SELECT article, url, due, attempts, reason FROM parked WHERE due <= ?1 AND leased_until <= ?1
        ORDER BY due, article, url LIMIT ?2"""
    rows = connection.execute(query, (at, limit)).fetchall()
    taken = [(token, to_micros(now + lease), row[0], row[1]) for row in rows]
    connection.executemany(
        "UPDATE parked SET claim = ?, leased_until = ? WHERE article = ? AND url = ?", taken
    )
    return [_parked(row, token) for row in rows]


def _parked(row: tuple[str, str, int, int, str], claim: str) -> Parked:
    article_id, url, due, attempts, reason = row[:5]
    return Parked(article_id, url, from_micros(due), attempts, reason, claim)
