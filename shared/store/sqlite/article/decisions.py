"""Decisions, and the revisions in the outbox, in SQLite."""

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from shared.store.history_entries import describe_decision
from shared.store.ports.article.decisions import Decision, DecisionMark, DecisionWrite, Revision
from shared.store.sqlite.article.listing_rows import list_decision
from shared.store.sqlite.article.pending_tasks import complete_decision
from shared.store.sqlite.engine.database import Database
from shared.store.sqlite.engine.encoding import from_micros, to_json, to_json_array, to_micros
from shared.store.sqlite.operations.history import write_entry
from shared.store.sqlite.operations.outbox import OutboxTable, SqliteOutbox, build_state
from shared.trace_context import encode_trace

_COLUMNS = """article, stamp, version, revision, published, heat, lead, reason, rules, inputs,
    decided_at, shown, latest_revision, latest_kind, latest_at, latest_data, latest_trace"""
_OUTBOX = OutboxTable("due", id_column="article", number_column="revision")


class SqliteDecisions(SqliteOutbox[Revision]):
    def __init__(self, database: Database) -> None:
        super().__init__(database, _OUTBOX, Revision)

    async def get(self, ids: Collection[str]) -> dict[str, Decision]:
        decisions = await self._database.read(lambda connection: read_decisions(connection, ids))
        return {decision.article_id: decision for decision in decisions}

    async def get_if_other(self, known: Mapping[str, DecisionMark]) -> dict[str, Decision]:
        marks = [(each, mark.stamp, to_micros(mark.decided_at)) for each, mark in known.items()]
        query = f"""SELECT {_COLUMNS} FROM json_each(?)
            CROSS JOIN decisions ON article = value ->> 0
            WHERE stamp != value ->> 1 OR decided_at != value ->> 2"""
        return await self._database.select_by_key(_decision, query, (to_json(marks),))

    async def find_naming(
        self, pairs: Collection[tuple[str, str]], published_only: bool = False
    ) -> set[tuple[str, str]]:
        if not pairs:
            return set()
        query = """SELECT article, value ->> 1 FROM json_each(?1)
            CROSS JOIN decisions ON article = value ->> 0
            WHERE published >= ?2 AND instr(inputs, '"' || (value ->> 1) || '"')"""
        values = (to_json([*pairs]), int(published_only))
        return {*await self._database.fetch_all(query, values)}

    async def save(self, writes: Sequence[DecisionWrite]) -> list[bool]:
        return await self._database.write_each(_save, writes)

    async def mark_unchanged(self, touches: Mapping[str, int]) -> None:
        if touches:
            await self._database.write(lambda connection: complete_decision(connection, touches))

    async def list_page(self, after: str = "", limit: int = 500) -> list[Decision]:
        query = f"SELECT {_COLUMNS} FROM decisions WHERE article > ? ORDER BY article LIMIT ?"
        return await self._database.select(_decision, query, (after, limit))

    async def counts(self) -> dict[str, int]:
        query = """SELECT (SELECT count(*) FROM decisions WHERE published = 1),
            (SELECT count(*) FROM decisions), (SELECT count(*) FROM due)"""
        row = await self._database.fetch_one(query)
        return dict(zip(("published", "decided", "due"), row, strict=True))


def _save(connection: sqlite3.Connection, write: DecisionWrite) -> bool:
    decision, revision = write.decision, write.revision
    if _read_stamp(connection, decision.article_id) != decision.stamp - 1:
        return False
    marks = ", ".join("?" * 17)
    statement = f"INSERT OR REPLACE INTO decisions ({_COLUMNS}) VALUES ({marks})"
    connection.execute(statement, _row(decision))
    if revision is not None:
        _OUTBOX.put(connection, revision.article_id, _latest_row(revision))
    complete_decision(connection, {decision.article_id: write.touches})
    list_decision(connection, decision)
    write_entry(connection, describe_decision(write))
    return True


def read_decisions(connection: sqlite3.Connection, ids: Collection[str]) -> list[Decision]:
    query = f"SELECT {_COLUMNS} FROM decisions JOIN json_each(?) ON article = value"
    return [_decision(row) for row in connection.execute(query, (to_json_array(ids),))]


def _read_stamp(connection: sqlite3.Connection, article_id: str) -> int:
    """The stamp of the stored decision; 0 if there is none."""
    query = "SELECT coalesce(max(stamp), 0) FROM decisions WHERE article = ?"
    (stamp,) = connection.execute(query, (article_id,)).fetchone()
    return int(stamp)


def _row(decision: Decision) -> tuple[object, ...]:
    return (
        decision.article_id,
        decision.stamp,
        decision.version,
        decision.revision,
        int(decision.published),
        decision.heat,
        decision.lead,
        decision.reason,
        json.dumps(dict(decision.rules)),
        json.dumps(dict(decision.inputs)),
        to_micros(decision.decided_at),
        decision.shown,
        *_latest_row(decision.latest),
    )


def _latest_row(revision: Revision | None) -> tuple[object, ...]:
    if revision is None:
        return (None,) * 5
    at, trace = to_micros(revision.at), encode_trace(revision.trace)
    return (revision.number, revision.kind, at, revision.data, trace)


def _decision(row: Sequence[Any]) -> Decision:
    article_id, latest = row[0], row[12:]
    return Decision(
        article_id=article_id,
        stamp=row[1],
        version=row[2],
        revision=row[3],
        published=bool(row[4]),
        heat=row[5],
        lead=row[6],
        reason=row[7],
        rules=json.loads(row[8]),
        inputs=json.loads(row[9]),
        decided_at=from_micros(row[10]),
        shown=row[11],
        latest=None if latest[0] is None else build_state(Revision, article_id, *latest),
    )
