"""Which story each article is in, the stories, and their events in the outbox, in SQLite."""

import json
import sqlite3
from collections.abc import Collection, Sequence
from typing import Any

from shared.store.history_entries import describe_story_version
from shared.store.ports.story.stories import Story, StoryEvent, StoryMove
from shared.store.sqlite.engine.database import Database
from shared.store.sqlite.engine.encoding import from_micros, to_json_array, to_micros
from shared.store.sqlite.operations.history import write_entry
from shared.store.sqlite.operations.outbox import OutboxTable, SqliteOutbox, build_state
from shared.trace_context import encode_trace

_COLUMNS = """id, version, members, changed_at, superseded_by, lead, title, heat, note,
    latest_version, latest_kind, latest_at, latest_data, latest_trace"""
_OUTBOX = OutboxTable("notices", id_column="story", number_column="version")


class SqliteStories(SqliteOutbox[StoryEvent]):
    def __init__(self, database: Database) -> None:
        super().__init__(database, _OUTBOX, StoryEvent)

    async def get_story_ids(self, article_ids: Collection[str]) -> dict[str, str]:
        query = "SELECT article, story FROM members JOIN json_each(?) ON article = value"
        return dict(await self._database.fetch_all(query, (to_json_array(article_ids),)))

    async def get_members(self, story_ids: Collection[str]) -> dict[str, frozenset[str]]:
        query = "SELECT story, article FROM members JOIN json_each(?) ON story = value"
        members: dict[str, set[str]] = {story_id: set() for story_id in story_ids}
        rows = await self._database.fetch_all(query, (to_json_array(members),))
        for story_id, article_id in rows:
            members[story_id].add(article_id)
        return {story_id: frozenset(articles) for story_id, articles in members.items()}

    async def move(self, moves: Sequence[StoryMove]) -> list[bool]:
        return await self._database.write_each(_move, moves)

    async def get(self, story_ids: Collection[str]) -> dict[str, Story]:
        query = f"SELECT {_COLUMNS} FROM stories WHERE id IN (SELECT value FROM json_each(?))"
        return await self._database.select_by_key(_story, query, (to_json_array(story_ids),))

    async def get_versions(self, story_ids: Collection[str]) -> dict[str, int]:
        query = "SELECT id, version FROM stories WHERE id IN (SELECT value FROM json_each(?))"
        return dict(await self._database.fetch_all(query, (to_json_array(story_ids),)))

    async def save(self, stories: Sequence[Story]) -> list[bool]:
        return await self._database.write_each(_save, stories)

    async def list_page(self, after: str = "", limit: int = 500) -> list[Story]:
        query = f"SELECT {_COLUMNS} FROM stories WHERE id > ? ORDER BY id LIMIT ?"
        return await self._database.select(_story, query, (after, limit))

    async def find_by_members(self, article_ids: Collection[str]) -> dict[str, Story]:
        query = f"""SELECT {_COLUMNS} FROM stories WHERE id IN (
            SELECT story FROM named JOIN json_each(?) ON article = value)"""
        return await self._database.select_by_key(_story, query, (to_json_array(article_ids),))

    async def counts(self) -> dict[str, int]:
        query = """SELECT (SELECT count(*) FROM stories WHERE superseded_by = ''),
            (SELECT count(*) FROM stories WHERE superseded_by > ''), (SELECT count(*) FROM notices)
            """
        row = await self._database.fetch_one(query)
        return dict(zip(("stories", "superseded", "due"), row, strict=True))


def _move(connection: sqlite3.Connection, move: StoryMove) -> bool:
    if not move.source:
        statement = "INSERT OR IGNORE INTO members (article, story) VALUES (?, ?)"
        connection.execute(statement, (move.article_id, move.target))
    else:
        statement = "UPDATE members SET story = ? WHERE article = ? AND story = ?"
        connection.execute(statement, (move.target, move.article_id, move.source))
    query = "SELECT story FROM members WHERE article = ?"
    row = connection.execute(query, (move.article_id,)).fetchone()
    return row is not None and row[0] == move.target


def _save(connection: sqlite3.Connection, story: Story) -> bool:
    if _read_version(connection, story.id) != story.version - 1:
        return False
    marks = ", ".join("?" * 14)
    connection.execute(f"INSERT OR REPLACE INTO stories ({_COLUMNS}) VALUES ({marks})", _row(story))
    connection.execute("DELETE FROM named WHERE story = ?", (story.id,))
    members = [(article_id, story.id) for article_id in story.members]
    connection.executemany("INSERT INTO named VALUES (?, ?)", members)
    if event := story.event_to_announce:
        _OUTBOX.put(connection, event.story_id, _latest_row(event))
    write_entry(connection, describe_story_version(story))
    return True


def _read_version(connection: sqlite3.Connection, story_id: str) -> int:
    """The version of the stored story; 0 if there is none."""
    query = "SELECT coalesce(max(version), 0) FROM stories WHERE id = ?"
    (version,) = connection.execute(query, (story_id,)).fetchone()
    return int(version)


def _row(story: Story) -> tuple[object, ...]:
    return (
        story.id,
        story.version,
        json.dumps(story.members),
        to_micros(story.changed_at),
        story.superseded_by,
        story.lead,
        story.title,
        story.heat,
        story.note,
        *_latest_row(story.latest),
    )


def _latest_row(event: StoryEvent | None) -> tuple[object, ...]:
    if event is None:
        return (None,) * 5
    at, trace = to_micros(event.at), encode_trace(event.trace)
    return (event.version, event.kind, at, event.data, trace)


def _story(row: Sequence[Any]) -> Story:
    story_id, latest = row[0], row[9:]
    return Story(
        id=story_id,
        version=row[1],
        members=tuple(json.loads(row[2])),
        changed_at=from_micros(row[3]),
        superseded_by=row[4],
        lead=row[5],
        title=row[6],
        heat=row[7],
        note=row[8],
        latest=None if latest[0] is None else build_state(StoryEvent, story_id, *latest),
    )
