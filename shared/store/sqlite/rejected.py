"""Rejected records in SQLite."""

import base64
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from shared.store.ports.rejected import Cause, Rejected
from shared.store.sqlite.database import Database, from_micros, to_micros

_COLUMNS = "id, service, topic, partition, record_offset, key, value, headers, causes, rejected_at, attempts, redriven_at"


class SqliteRejected:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, records: Sequence[Rejected]) -> None:
        rows = [_row(record) for record in records]
        statement = f"INSERT OR IGNORE INTO rejected ({_COLUMNS}) VALUES ({', '.join('?' * 12)})"
        if rows:
            await self._database.write(lambda connection: connection.executemany(statement, rows))

    async def page(self, after: str = "", limit: int = 500) -> list[Rejected]:
        return await self._select("WHERE id > ? ORDER BY id LIMIT ?", (after, limit))

    async def get(self, record_id: str) -> Rejected | None:
        found = await self._select("WHERE id = ?", (record_id,))
        return found[0] if found else None

    async def redriven(self, record_id: str, at: datetime) -> None:
        statement = "UPDATE rejected SET attempts = attempts + 1, redriven_at = ? WHERE id = ?"
        await self._database.write(
            lambda connection: connection.execute(statement, (to_micros(at), record_id))
        )

    async def count(self) -> int:
        query = "SELECT count(*) FROM rejected WHERE redriven_at IS NULL"
        row = await self._database.read(lambda connection: connection.execute(query).fetchone())
        return int(row[0])

    async def _select(self, which: str, values: tuple[object, ...]) -> list[Rejected]:
        query = f"SELECT {_COLUMNS} FROM rejected {which}"
        rows = await self._database.read(
            lambda connection: connection.execute(query, values).fetchall()
        )
        return [_rejected(row) for row in rows]


def _row(record: Rejected) -> tuple[Any, ...]:
    return (
        record.id,
        record.service,
        record.topic,
        record.partition,
        record.offset,
        record.key,
        record.value,
        json.dumps(
            [
                (name, None if raw is None else base64.b64encode(raw).decode())
                for name, raw in record.headers
            ]
        ),
        json.dumps([asdict(cause) for cause in record.causes]),
        to_micros(record.rejected_at),
        record.attempts,
        None if record.redriven_at is None else to_micros(record.redriven_at),
    )


def _rejected(row: tuple[Any, ...]) -> Rejected:
    headers = [
        (name, None if raw is None else base64.b64decode(raw)) for name, raw in json.loads(row[7])
    ]
    return Rejected(
        id=row[0],
        service=row[1],
        topic=row[2],
        partition=row[3],
        offset=row[4],
        key=row[5],
        value=row[6],
        headers=tuple(headers),
        causes=tuple(Cause(**cause) for cause in json.loads(row[8])),
        rejected_at=from_micros(row[9]),
        attempts=row[10],
        redriven_at=None if row[11] is None else from_micros(row[11]),
    )
