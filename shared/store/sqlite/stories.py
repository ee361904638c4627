"""Which story each article stands in, and the stories, in SQLite."""

import json
import sqlite3
from collections.abc import Collection, Sequence

from shared.store.sqlite.database import Database, from_micros, to_micros
from shared.store.stories import Move, Story

_COLUMNS = "id, version, members, changed_at, superseded_by"


class SqliteStories:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, ids: Collection[str]) -> dict[str, str]:
        query = "SELECT article, story FROM members JOIN json_each(?) ON article = value"
        return dict(
            await self._database.read(lambda connection: connection.execute(query, (json.dumps([*ids]),)).fetchall())
        )

    async def members(self, story_ids: Collection[str]) -> dict[str, frozenset[str]]:
        query = "SELECT story, article FROM members JOIN json_each(?) ON story = value"
        found: dict[str, set[str]] = {story_id: set() for story_id in story_ids}
        rows = await self._database.read(
            lambda connection: connection.execute(query, (json.dumps([*found]),)).fetchall()
        )
        for story, article_id in rows:
            found[story].add(article_id)
        return {story: frozenset(articles) for story, articles in found.items()}

    async def move(self, moves: Sequence[Move]) -> list[bool]:
        if not moves:
            return []
        return await self._database.write(lambda connection: [_move(connection, move) for move in moves])

    async def get(self, story_ids: Collection[str]) -> dict[str, Story]:
        query = f"SELECT {_COLUMNS} FROM stories WHERE id IN (SELECT value FROM json_each(?))"
        found = await self._database.read(lambda connection: _stories(connection, query, (json.dumps([*story_ids]),)))
        return {story.id: story for story in found}

    async def save(self, stories: Sequence[Story]) -> list[bool]:
        if not stories:
            return []
        return await self._database.write(lambda connection: [_save(connection, story) for story in stories])

    async def page(self, after: str = "", limit: int = 500) -> list[Story]:
        query = f"SELECT {_COLUMNS} FROM stories WHERE id > ? ORDER BY id LIMIT ?"
        return await self._database.read(lambda connection: _stories(connection, query, (after, limit)))

    async def counts(self) -> dict[str, int]:
        query = "SELECT superseded_by = '', count(*) FROM stories GROUP BY 1"
        rows = dict(await self._database.read(lambda connection: connection.execute(query).fetchall()))
        return {"stories": rows.get(1, 0), "superseded": rows.get(0, 0)}


def _move(connection: sqlite3.Connection, move: Move) -> bool:
    if not move.source:
        statement = "INSERT OR IGNORE INTO members (article, story) VALUES (?, ?)"
        connection.execute(statement, (move.article_id, move.target))
    else:
        statement = "UPDATE members SET story = ? WHERE article = ? AND story = ?"
        connection.execute(statement, (move.target, move.article_id, move.source))
    row = connection.execute("SELECT story FROM members WHERE article = ?", (move.article_id,)).fetchone()
    return row is not None and row[0] == move.target


def _save(connection: sqlite3.Connection, story: Story) -> bool:
    values = (story.version, json.dumps(story.members), to_micros(story.changed_at), story.superseded_by, story.id)
    if story.version == 1:
        statement = """INSERT OR IGNORE INTO stories (version, members, changed_at, superseded_by, id)
            VALUES (?, ?, ?, ?, ?)"""
        return connection.execute(statement, values).rowcount == 1
    statement = """UPDATE stories SET version = ?1, members = ?2, changed_at = ?3, superseded_by = ?4
        WHERE id = ?5 AND version = ?1 - 1"""
    return connection.execute(statement, values).rowcount == 1


def _stories(connection: sqlite3.Connection, query: str, values: tuple[object, ...]) -> list[Story]:
    return [
        Story(story_id, version, tuple(json.loads(members)), from_micros(changed_at), superseded_by)
        for story_id, version, members, changed_at, superseded_by in connection.execute(query, values)
    ]
