"""How often work has failed, in SQLite."""

import sqlite3
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from shared.store.ports.operations.failure_counts import FailureCount
from shared.store.sqlite.engine.database import Database
from shared.store.sqlite.engine.encoding import from_micros, to_json_array, to_micros

_COLUMNS = "subject, count, reason, last_at, case_id"
_ADD = f"""INSERT INTO failures ({_COLUMNS}) VALUES (?, 1, ?, ?, ?)
    ON CONFLICT (subject) DO UPDATE SET count = count + 1, reason = excluded.reason,
        last_at = excluded.last_at, case_id = coalesce(nullif(case_id, ''), excluded.case_id)"""
_GET = f"SELECT {_COLUMNS} FROM failures JOIN json_each(?) ON subject = value"


class SqliteFailureCounts:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self, subjects: Collection[str], reason: str, at: datetime, case_id: str = ""
    ) -> dict[str, int]:
        rows = [(subject, reason, to_micros(at), case_id) for subject in subjects]

        def count(connection: sqlite3.Connection) -> dict[str, int]:
            connection.executemany(_ADD, rows)
            found = connection.execute(_GET, (to_json_array(subjects),)).fetchall()
            return {row[0]: row[1] for row in found}

        return await self._database.write(count) if rows else {}

    async def get(self, subjects: Collection[str]) -> dict[str, FailureCount]:
        values = (to_json_array(subjects),)
        found = await self._database.select(_failure_count, _GET, values)
        return {failure.subject: failure for failure in found}

    async def remove(self, subjects: Collection[str]) -> None:
        rows = [(subject,) for subject in subjects]
        await self._database.execute_many("DELETE FROM failures WHERE subject = ?", rows)

    async def list_page(self, after: str = "", limit: int = 500) -> list[FailureCount]:
        query = f"SELECT {_COLUMNS} FROM failures WHERE subject > ? ORDER BY subject LIMIT ?"
        return await self._database.select(_failure_count, query, (after, limit))


def _failure_count(row: Sequence[Any]) -> FailureCount:
    subject, count, reason, last_at, case_id = row
    return FailureCount(subject, count, reason, from_micros(last_at), case_id)
