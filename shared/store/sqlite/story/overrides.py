"""Editors' overrides in SQLite."""

import json
import sqlite3
from collections.abc import Collection, Sequence
from typing import Any

from shared.store.ports.story.overrides import Override
from shared.store.sqlite.engine.database import Database
from shared.store.sqlite.engine.encoding import from_micros, to_json_array, to_micros

_COLUMNS = "id, word, ones, others, author, at, reason"


class SqliteOverrides:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, override: Override) -> None:
        await self._database.write(lambda connection: _save(connection, override))

    async def find_by_articles(self, article_ids: Collection[str]) -> list[Override]:
        query = f"""SELECT {_COLUMNS} FROM instructions WHERE id IN (
            SELECT instruction FROM instructed JOIN json_each(?) ON article = value)
            ORDER BY at DESC, id"""
        return await self._database.select(_override, query, (to_json_array(article_ids),))

    async def delete(self, overrides: Sequence[Override]) -> None:
        rows = [(override.id,) for override in overrides]
        if rows:
            await self._database.write(lambda connection: _delete(connection, rows))

    async def list_page(self, after: str = "", limit: int = 500) -> list[Override]:
        query = f"SELECT {_COLUMNS} FROM instructions WHERE id > ? ORDER BY id LIMIT ?"
        return await self._database.select(_override, query, (after, limit))


def _save(connection: sqlite3.Connection, override: Override) -> None:
    values = (
        override.id,
        override.kind,
        json.dumps(override.first_ids),
        json.dumps(override.second_ids),
        override.by,
        to_micros(override.at),
        override.reason,
    )
    statement = f"INSERT OR REPLACE INTO instructions ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)"
    connection.execute(statement, values)
    rows = [(article_id, override.id) for article_id in override.article_ids]
    connection.executemany("INSERT OR IGNORE INTO instructed VALUES (?, ?)", rows)


def _delete(connection: sqlite3.Connection, rows: Sequence[tuple[str]]) -> None:
    connection.executemany("DELETE FROM instructions WHERE id = ?", rows)
    connection.executemany("DELETE FROM instructed WHERE instruction = ?", rows)


def _override(row: Sequence[Any]) -> Override:
    _, kind, first_ids, second_ids, by, at, reason = row
    return Override(
        kind=kind,
        first_ids=tuple(json.loads(first_ids)),
        second_ids=tuple(json.loads(second_ids)),
        by=by,
        at=from_micros(at),
        reason=reason,
    )
