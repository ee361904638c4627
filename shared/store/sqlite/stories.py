"""Which story each article stands in, and the stories, in SQLite."""

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from shared.store.ports.stories import Move, Notice, Story
from shared.store.sqlite.database import Database, from_micros, to_micros

_COLUMNS = "id, version, members, changed_at, superseded_by, lead, latest_version, latest_kind, latest_at, latest_data"


class SqliteStories:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, ids: Collection[str]) -> dict[str, str]:
        query = "SELECT article, story FROM members JOIN json_each(?) ON article = value"
        return dict(
            await self._database.read(
                lambda connection: connection.execute(query, (json.dumps([*ids]),)).fetchall()
            )
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
        return await self._database.write(
            lambda connection: [_move(connection, move) for move in moves]
        )

    async def get(self, story_ids: Collection[str]) -> dict[str, Story]:
        query = f"SELECT {_COLUMNS} FROM stories WHERE id IN (SELECT value FROM json_each(?))"
        found = await self._database.read(
            lambda connection: _stories(connection, query, (json.dumps([*story_ids]),))
        )
        return {story.id: story for story in found}

    async def save(self, stories: Sequence[Story]) -> list[bool]:
        if not stories:
            return []
        return await self._database.write(
            lambda connection: [_save(connection, story) for story in stories]
        )

    async def page(self, after: str = "", limit: int = 500) -> list[Story]:
        query = f"SELECT {_COLUMNS} FROM stories WHERE id > ? ORDER BY id LIMIT ?"
        return await self._database.read(
            lambda connection: _stories(connection, query, (after, limit))
        )

    async def naming(self, article_ids: Collection[str]) -> dict[str, Story]:
        query = f"""SELECT {_COLUMNS} FROM stories WHERE id IN (
            SELECT story FROM named JOIN json_each(?) ON article = value)"""
        found = await self._database.read(
            lambda connection: _stories(connection, query, (json.dumps([*article_ids]),))
        )
        return {story.id: story for story in found}

    async def due(self, story_ids: Collection[str] | None = None, limit: int = 500) -> list[Notice]:
        these = "" if story_ids is None else "JOIN json_each(?2) ON story = value"
        query = f"SELECT story, version, kind, at, data FROM notices {these} ORDER BY story, version LIMIT ?1"
        values = (limit,) if story_ids is None else (limit, json.dumps([*story_ids]))
        rows = await self._database.read(
            lambda connection: connection.execute(query, values).fetchall()
        )
        return [_notice(*row) for row in rows]

    async def announced(self, versions: Mapping[str, int]) -> None:
        if versions:
            statement = "DELETE FROM notices WHERE story = ? AND version <= ?"
            await self._database.write(
                lambda connection: connection.executemany(statement, [*versions.items()])
            )

    async def counts(self) -> dict[str, int]:
        query = """SELECT count(*) FILTER (WHERE superseded_by = ''), count(*) FILTER (WHERE superseded_by <> ''),
            (SELECT count(*) FROM notices) FROM stories"""
        row = await self._database.read(lambda connection: connection.execute(query).fetchone())
        return dict(zip(("stories", "superseded", "due"), row, strict=True))


def _move(connection: sqlite3.Connection, move: Move) -> bool:
    if not move.source:
        statement = "INSERT OR IGNORE INTO members (article, story) VALUES (?, ?)"
        connection.execute(statement, (move.article_id, move.target))
    else:
        statement = "UPDATE members SET story = ? WHERE article = ? AND story = ?"
        connection.execute(statement, (move.target, move.article_id, move.source))
    row = connection.execute(
        "SELECT story FROM members WHERE article = ?", (move.article_id,)
    ).fetchone()
    return row is not None and row[0] == move.target


def _save(connection: sqlite3.Connection, story: Story) -> bool:
    standing = connection.execute(
        "SELECT version FROM stories WHERE id = ?", (story.id,)
    ).fetchone()
    if (standing[0] if standing else 0) != story.version - 1:
        return False
    marks = ", ".join("?" * 10)
    connection.execute(f"INSERT OR REPLACE INTO stories ({_COLUMNS}) VALUES ({marks})", _row(story))
    connection.execute("DELETE FROM named WHERE story = ?", (story.id,))
    connection.executemany(
        "INSERT INTO named VALUES (?, ?)", [(one, story.id) for one in story.members]
    )
    if (item := story.latest) is not None and item.version == story.version:
        values = (item.story_id, item.version, item.kind, to_micros(item.at), item.data)
        connection.execute("INSERT OR REPLACE INTO notices VALUES (?, ?, ?, ?, ?)", values)
    return True


def _row(story: Story) -> tuple[Any, ...]:
    latest = story.latest
    return (
        story.id,
        story.version,
        json.dumps(story.members),
        to_micros(story.changed_at),
        story.superseded_by,
        story.lead,
        *(
            (latest.version, latest.kind, to_micros(latest.at), latest.data)
            if latest
            else (None,) * 4
        ),
    )


def _stories(connection: sqlite3.Connection, query: str, values: tuple[object, ...]) -> list[Story]:
    return [_story(row) for row in connection.execute(query, values)]


def _story(row: tuple[Any, ...]) -> Story:
    return Story(
        id=row[0],
        version=row[1],
        members=tuple(json.loads(row[2])),
        changed_at=from_micros(row[3]),
        superseded_by=row[4],
        lead=row[5],
        latest=None if row[6] is None else _notice(row[0], *row[6:]),
    )


def _notice(story_id: str, version: int, kind: Any, at: int, data: bytes) -> Notice:
    return Notice(story_id, version, kind, from_micros(at), data)
