"""History in SQLite: rows that are written in the transactions of what they tell of."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from shared.store.history_entries import order_latest_first
from shared.store.ports.operations.history import (
    MAX_ACT_SUBJECTS,
    MAX_ACTS,
    MAX_ENTRIES,
    Act,
    ActPosition,
    HistoryEntry,
)
from shared.store.sqlite.engine.database import Database
from shared.store.sqlite.engine.encoding import (
    from_micros,
    from_optional_micros,
    to_json,
    to_micros,
    to_optional_micros,
)

_ENTRY: Final = "subject, source, number, at, kind, reason, details"
_ACT: Final = "id, kind, author, at, reason, subjects, details, outcome, answered_at"

_OWN_ACT: Final = ", ".join(f"acts.{column}" for column in _ACT.split(", "))


class SqliteHistory:
    def __init__(self, database: Database, max_acts: int = MAX_ACTS) -> None:
        self._database = database
        self._max_acts = max_acts

    async def list_article(self, article_id: str) -> list[HistoryEntry]:
        return await self._list(article_id)

    async def list_story(self, story_id: str) -> list[HistoryEntry]:
        return await self._list(story_id)

    async def record_act(self, act: Act) -> Act:
        return await self._database.write(
            lambda connection: _record_act(connection, act, self._max_acts)
        )

    async def answer_act(
        self, act_id: str, outcome: str, at: datetime, details: Mapping[str, Any] | None = None
    ) -> None:
        statement = """UPDATE acts SET outcome = ?, answered_at = ?, details = coalesce(?, details)
            WHERE id = ?"""
        found = None if details is None else to_json(dict(details))
        await self._database.execute(statement, (outcome, to_micros(at), found, act_id))

    async def get_act(self, act_id: str) -> Act | None:
        return await self._database.read(lambda connection: _read_act(connection, act_id))

    async def list_acts(
        self, subject: str = "", after: ActPosition | None = None, limit: int = 50
    ) -> list[Act]:
        at, act_id = (to_micros(after.at), after.act_id) if after else (2**62, "")
        if subject:
            query = f"""SELECT {_OWN_ACT} FROM act_subjects AS source
                CROSS JOIN acts ON acts.id = source.id
                WHERE source.subject = ? AND (source.at, source.id) < (?, ?)
                ORDER BY source.at DESC, source.id DESC LIMIT ?"""
            return await self._database.select(_act, query, (subject, at, act_id, limit))
        query = f"""SELECT {_ACT} FROM acts WHERE (at, id) < (?, ?)
            ORDER BY at DESC, id DESC LIMIT ?"""
        return await self._database.select(_act, query, (at, act_id, limit))

    async def _list(self, subject: str) -> list[HistoryEntry]:
        query = f"SELECT {_ENTRY} FROM history WHERE subject = ?"
        return order_latest_first(await self._database.select(_entry, query, (subject,)))


def write_entry(connection: sqlite3.Connection, entry: HistoryEntry) -> None:
    """Keep the entry, in the transaction of the state that it tells of; the oldest ones go."""
    values = (
        entry.subject,
        entry.source,
        entry.number,
        to_micros(entry.at),
        entry.kind,
        entry.reason,
        to_json(dict(entry.details)),
    )
    statement = f"INSERT OR REPLACE INTO history ({_ENTRY}) VALUES (?, ?, ?, ?, ?, ?, ?)"
    connection.execute(statement, values)
    if entry.number > MAX_ENTRIES:
        remove = "DELETE FROM history WHERE subject = ? AND source = ? AND number <= ?"
        connection.execute(remove, (entry.subject, entry.source, entry.number - MAX_ENTRIES))


def _record_act(connection: sqlite3.Connection, act: Act, max_acts: int) -> Act:
    marks = ", ".join("?" * 9)
    statement = f"INSERT OR IGNORE INTO acts ({_ACT}) VALUES ({marks})"
    if connection.execute(statement, _act_row(act)).rowcount == 1:
        rows = [(subject, to_micros(act.at), act.id) for subject in act.subjects[:MAX_ACT_SUBJECTS]]
        connection.executemany("INSERT OR IGNORE INTO act_subjects VALUES (?, ?, ?)", rows)
        _remove_oldest(connection, max_acts)
    kept = _read_act(connection, act.id)
    return act if kept is None else kept  # one that is older than all that are kept is gone


def _remove_oldest(connection: sqlite3.Connection, max_acts: int) -> None:
    query = "SELECT at, id FROM acts ORDER BY at DESC, id DESC LIMIT 1 OFFSET ?"
    latest_too_many = connection.execute(query, (max_acts,)).fetchone()
    if latest_too_many is not None:
        for table in ("acts", "act_subjects"):
            connection.execute(f"DELETE FROM {table} WHERE (at, id) <= (?, ?)", latest_too_many)


def _read_act(connection: sqlite3.Connection, act_id: str) -> Act | None:
    row = connection.execute(f"SELECT {_ACT} FROM acts WHERE id = ?", (act_id,)).fetchone()
    return None if row is None else _act(row)


def _entry(row: Sequence[Any]) -> HistoryEntry:
    subject, source, number, at, kind, reason, details = row
    return HistoryEntry(subject, source, number, from_micros(at), kind, reason, json.loads(details))


def _act_row(act: Act) -> tuple[object, ...]:
    return (
        act.id,
        act.kind,
        act.by,
        to_micros(act.at),
        act.reason,
        to_json([*act.subjects[:MAX_ACT_SUBJECTS]]),
        to_json(dict(act.details)),
        act.outcome,
        to_optional_micros(act.answered_at),
    )


def _act(row: Sequence[Any]) -> Act:
    act_id, kind, by, at, reason, subjects, details, outcome, answered_at = row
    return Act(
        id=act_id,
        kind=kind,
        by=by,
        at=from_micros(at),
        reason=reason,
        subjects=tuple(json.loads(subjects)),
        details=json.loads(details),
        outcome=outcome,
        answered_at=from_optional_micros(answered_at),
    )
