"""Parked work in SQLite."""

import sqlite3
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from shared.store.ports.picture.parked import ParkedFetch
from shared.store.sqlite.engine.database import Database
from shared.store.sqlite.engine.encoding import from_micros, to_json_array, to_micros, to_sql_limit


class SqliteParked:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def park(self, work: Sequence[ParkedFetch]) -> None:
        statement = "INSERT OR REPLACE INTO parked VALUES (?, ?, ?, ?, ?, '', 0)"
        await self._database.execute_many(statement, [_row(fetch) for fetch in work])

    async def claim(self, now: datetime, lease: timedelta, limit: int) -> list[ParkedFetch]:
        return await self._database.write(lambda connection: _claim(connection, now, lease, limit))

    async def claim_named(
        self, work: Sequence[ParkedFetch], now: datetime, lease: timedelta
    ) -> list[ParkedFetch]:
        token = uuid4().hex

        def claim(connection: sqlite3.Connection, fetch: ParkedFetch) -> list[ParkedFetch]:
            return _claim_named(connection, fetch, token, to_micros(now), to_micros(now + lease))

        claimed: list[ParkedFetch] = []
        for found in await self._database.write_each(claim, work):
            claimed += found
        return claimed

    async def remove(self, work: Sequence[ParkedFetch]) -> None:
        statement = "DELETE FROM parked WHERE article = ? AND url = ? AND claim = ?"
        rows = [(fetch.article_id, fetch.url, fetch.claim) for fetch in work]
        await self._database.execute_many(statement, rows)

    async def find_by_urls(self, urls: Collection[str]) -> list[ParkedFetch]:
        query = """SELECT claim, article, parked.url, due, attempts, reason FROM parked
            JOIN json_each(?) ON parked.url = value ORDER BY article, parked.url"""
        return await self._database.select(_parked_fetch, query, (to_json_array({*urls}),))

    async def list_earliest(
        self, limit: int | None = 100, after: ParkedFetch | None = None
    ) -> list[ParkedFetch]:
        query = """SELECT claim, article, url, due, attempts, reason FROM parked
            WHERE (due, article, url) > (?, ?, ?) ORDER BY due, article, url LIMIT ?"""
        place = (to_micros(after.due), after.article_id, after.url) if after else (-1, "", "")
        values = (*place, to_sql_limit(limit))
        return await self._database.select(_parked_fetch, query, values)

    async def count(self) -> int:
        (count,) = await self._database.fetch_one("SELECT count(*) FROM parked")
        return int(count)


def _claim(
    connection: sqlite3.Connection, now: datetime, lease: timedelta, limit: int
) -> list[ParkedFetch]:
    query = """SELECT article, url, due, attempts, reason FROM parked
        WHERE due <= ?1 AND leased_until <= ?1 ORDER BY due, article, url LIMIT ?2"""
    rows = connection.execute(query, (to_micros(now), limit)).fetchall()
    token, leased_until = uuid4().hex, to_micros(now + lease)
    claims = [(token, leased_until, article_id, url) for article_id, url, *_ in rows]
    statement = "UPDATE parked SET claim = ?, leased_until = ? WHERE article = ? AND url = ?"
    connection.executemany(statement, claims)
    return [_parked_fetch((token, *row)) for row in rows]


def _claim_named(
    connection: sqlite3.Connection, fetch: ParkedFetch, token: str, at: int, leased_until: int
) -> list[ParkedFetch]:
    query = """UPDATE parked SET claim = ?, leased_until = ?
        WHERE article = ? AND url = ? AND leased_until <= ?
        RETURNING claim, article, url, due, attempts, reason"""
    values = (token, leased_until, fetch.article_id, fetch.url, at)
    return [_parked_fetch(row) for row in connection.execute(query, values).fetchall()]


def _row(fetch: ParkedFetch) -> tuple[object, ...]:
    return (fetch.article_id, fetch.url, to_micros(fetch.due), fetch.attempts, fetch.reason)


def _parked_fetch(row: Sequence[Any]) -> ParkedFetch:
    claim, article_id, url, due, attempts, reason = row
    return ParkedFetch(article_id, url, from_micros(due), attempts, reason, claim)
