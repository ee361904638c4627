"""Links in SQLite."""

import sqlite3
from collections.abc import Collection, Sequence

from shared.store.ports.story.links import Link, group_by_article
from shared.store.sqlite.engine.database import Database
from shared.store.sqlite.engine.encoding import to_json

# Not REPLACE: that would write the second index again for a score that changed.
_UPSERT = """INSERT INTO links VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (a, b) DO UPDATE SET score = excluded.score, pinned = excluded.pinned,
    event = excluded.event, likeness = excluded.likeness"""
_COLUMNS = "a, b, score, pinned, event, likeness"
_AROUND = f"""SELECT {_COLUMNS} FROM json_each(?1) CROSS JOIN links ON a = value
    UNION ALL SELECT {_COLUMNS} FROM json_each(?1) CROSS JOIN links ON b = value"""


class SqliteLinks:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(
        self, links: Sequence[Link], unrelated: Collection[tuple[str, str]] = ()
    ) -> None:
        if links or unrelated:
            await self._database.write(lambda connection: _save(connection, links, unrelated))

    async def get(self, ids: Collection[str]) -> dict[str, list[Link]]:
        return group_by_article(ids, await self.list_around(ids))

    async def list_around(self, ids: Collection[str]) -> list[Link]:
        if not ids:
            return []
        return await self._database.read(lambda connection: _read_around(connection, ids))

    async def count(self) -> int:
        (count,) = await self._database.fetch_one("SELECT count(*) FROM links")
        return int(count)


def _save(
    connection: sqlite3.Connection, links: Sequence[Link], unrelated: Collection[tuple[str, str]]
) -> None:
    connection.executemany("DELETE FROM links WHERE a = ? AND b = ?", [*unrelated])
    connection.executemany(_UPSERT, map(tuple, links))


def _read_around(connection: sqlite3.Connection, ids: Collection[str]) -> list[Link]:
    """Once each, although a link between two of these articles is found from both ends."""
    links: dict[tuple[str, str], Link] = {}
    known: dict[str, str] = {}  # an id in many links is kept once
    for a, b, score, pinned, event, likeness in connection.execute(_AROUND, (to_json([*ids]),)):
        pair = known.setdefault(a, a), known.setdefault(b, b)
        links[pair] = Link(*pair, score, bool(pinned), event, likeness)
    return [*links.values()]
