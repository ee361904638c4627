"""Decisions and publications that are due, in SQLite."""

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from shared.store.ports.decisions import Decision, Publication, Verdict
from shared.store.sqlite.database import Database, from_micros, to_micros

_COLUMNS = (
    "article, stamp, version, revision, published, heat, lead, reason, rules, inputs, decided_at, shown, "
    "latest_revision, latest_kind, latest_at, latest_data"
)


class SqliteDecisions:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, ids: Collection[str]) -> dict[str, Decision]:
        query = f"SELECT {_COLUMNS} FROM decisions JOIN json_each(?) ON article = value"
        rows = await self._database.read(
            lambda connection: connection.execute(query, (json.dumps([*ids]),)).fetchall()
        )
        return {row[0]: _decision(row) for row in rows}

    async def save(self, verdicts: Sequence[Verdict]) -> list[bool]:
        if not verdicts:
            return []
        return await self._database.write(
            lambda connection: [_save(connection, verdict) for verdict in verdicts]
        )

    async def settled(self, touches: Mapping[str, int]) -> None:
        if touches:
            await self._database.write(lambda connection: _settled(connection, touches))

    async def due(self, ids: Collection[str] | None = None, limit: int = 500) -> list[Publication]:
        these = "" if ids is None else "JOIN json_each(?2) ON article = value"
        query = f"SELECT article, revision, kind, at, data FROM due {these} ORDER BY article, revision LIMIT ?1"
        values = (limit,) if ids is None else (limit, json.dumps([*ids]))
        rows = await self._database.read(
            lambda connection: connection.execute(query, values).fetchall()
        )
        return [_publication(*row) for row in rows]

    async def announced(self, revisions: Mapping[str, int]) -> None:
        if revisions:
            statement = "DELETE FROM due WHERE article = ? AND revision <= ?"
            await self._database.write(
                lambda connection: connection.executemany(statement, [*revisions.items()])
            )

    async def page(self, after: str = "", limit: int = 500) -> list[Decision]:
        query = f"SELECT {_COLUMNS} FROM decisions WHERE article > ? ORDER BY article LIMIT ?"
        rows = await self._database.read(
            lambda connection: connection.execute(query, (after, limit)).fetchall()
        )
        return [_decision(row) for row in rows]

    async def counts(self) -> dict[str, int]:
        query = """SELECT count(*) FILTER (WHERE published), count(*), (SELECT count(*) FROM due) FROM decisions"""
        row = await self._database.read(lambda connection: connection.execute(query).fetchone())
        return dict(zip(("published", "decided", "due"), row, strict=True))


def _save(connection: sqlite3.Connection, verdict: Verdict) -> bool:
    decision = verdict.decision
    standing = connection.execute(
        "SELECT stamp FROM decisions WHERE article = ?", (decision.article_id,)
    ).fetchone()
    if (standing[0] if standing else 0) != decision.stamp - 1:
        return False
    marks = ", ".join("?" * 16)
    connection.execute(
        f"INSERT OR REPLACE INTO decisions ({_COLUMNS}) VALUES ({marks})", _row(decision)
    )
    if (item := verdict.publication) is not None:
        values = (item.article_id, item.revision, item.kind, to_micros(item.at), item.data)
        connection.execute("INSERT OR REPLACE INTO due VALUES (?, ?, ?, ?, ?)", values)
    _settled(connection, {decision.article_id: verdict.touches})
    return True


def _settled(connection: sqlite3.Connection, touches: Mapping[str, int]) -> None:
    connection.executemany(
        """DELETE FROM pending WHERE task = 'decision' AND article = ?
            AND EXISTS (SELECT 1 FROM articles WHERE id = article AND touches = ?)""",
        [*touches.items()],
    )


def _row(decision: Decision) -> tuple[Any, ...]:
    latest = decision.latest
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
        *(
            (latest.revision, latest.kind, to_micros(latest.at), latest.data)
            if latest
            else (None,) * 4
        ),
    )


def _decision(row: tuple[Any, ...]) -> Decision:
    return Decision(
        article_id=row[0],
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
        latest=None if row[12] is None else _publication(row[0], *row[12:]),
    )


def _publication(article_id: str, revision: int, kind: Any, at: int, data: bytes) -> Publication:
    return Publication(article_id, revision, kind, from_micros(at), data)
