"""The feed snapshot in SQLite: one row, and one that says by which formula it was made."""

import sqlite3
from typing import Final

from shared.store.ports.story.feed import FeedSnapshot
from shared.store.sqlite.engine.database import Database

_ROW: Final = 1
_INSERT: Final = "INSERT OR IGNORE INTO feed VALUES (?, ?, ?, ?, ?, ?)"
_UPDATE: Final = """UPDATE feed SET version = ?, reader = ?, centre = ?, narrowness = ?, applied = ?
    WHERE id = ? AND version = ?"""
_SELECT: Final = """SELECT version, reader, centre, narrowness, applied, coalesce(formula, 0)
    FROM feed LEFT JOIN feed_formula USING (id, version)"""


class SqliteFeed:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get_snapshot(self) -> FeedSnapshot | None:
        row = await self._database.fetch_one(_SELECT)
        if row is None:
            return None
        version, reader, centre, narrowness, is_applied, formula = row
        return FeedSnapshot(version, reader, centre, narrowness, bool(is_applied), formula)

    async def publish(self, snapshot: FeedSnapshot) -> bool:
        return await self._database.write(lambda connection: _publish(connection, snapshot))

    async def mark_applied(self, version: int) -> None:
        await self._database.execute("UPDATE feed SET applied = 1 WHERE version = ?", (version,))


def _publish(connection: sqlite3.Connection, snapshot: FeedSnapshot) -> bool:
    values = (
        snapshot.version,
        snapshot.reader,
        snapshot.centre,
        snapshot.narrowness,
        int(snapshot.is_applied),
    )
    if snapshot.version == 1:
        written = connection.execute(_INSERT, (_ROW, *values)).rowcount
    else:
        written = connection.execute(_UPDATE, (*values, _ROW, snapshot.version - 1)).rowcount
    if written == 1:
        formula = (_ROW, snapshot.version, snapshot.formula)
        connection.execute("INSERT OR REPLACE INTO feed_formula VALUES (?, ?, ?)", formula)
    return written == 1
