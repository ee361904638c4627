"""The feed snapshot in SQLite: one row."""

from shared.store.ports.story.feed import FeedSnapshot
from shared.store.sqlite.engine.database import Database

_ROW = 1
_INSERT = "INSERT OR IGNORE INTO feed VALUES (?, ?, ?, ?, ?, ?)"
_UPDATE = """UPDATE feed SET version = ?, reader = ?, centre = ?, narrowness = ?, applied = ?
    WHERE id = ? AND version = ?"""


class SqliteFeed:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get_snapshot(self) -> FeedSnapshot | None:
        query = "SELECT version, reader, centre, narrowness, applied FROM feed"
        row = await self._database.fetch_one(query)
        if row is None:
            return None
        version, reader, centre, narrowness, is_applied = row
        return FeedSnapshot(version, reader, centre, narrowness, bool(is_applied))

    async def publish(self, snapshot: FeedSnapshot) -> bool:
        values = (
            snapshot.version,
            snapshot.reader,
            snapshot.centre,
            snapshot.narrowness,
            int(snapshot.is_applied),
        )
        if snapshot.version == 1:
            return await self._database.execute(_INSERT, (_ROW, *values)) == 1
        before = (_ROW, snapshot.version - 1)
        return await self._database.execute(_UPDATE, (*values, *before)) == 1

    async def mark_applied(self, version: int) -> None:
        await self._database.execute("UPDATE feed SET applied = 1 WHERE version = ?", (version,))
