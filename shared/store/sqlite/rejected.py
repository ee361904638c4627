"""Rejected records in SQLite."""

import base64
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from shared.store.ports.rejected import Cause, RejectedRecord
from shared.store.sqlite.database import Database
from shared.store.sqlite.encoding import (
    from_micros,
    from_optional_micros,
    to_micros,
    to_optional_micros,
)

_COLUMNS = """id, service, topic, partition, record_offset, key, value, headers, causes,
    rejected_at, attempts, redriven_at"""


class SqliteRejected:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, records: Sequence[RejectedRecord]) -> None:
        statement = f"""INSERT OR IGNORE INTO rejected ({_COLUMNS})
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
        await self._database.execute_many(statement, [_row(record) for record in records])

    async def list_page(self, after: str = "", limit: int = 500) -> list[RejectedRecord]:
        return await self._select("WHERE id > ? ORDER BY id LIMIT ?", (after, limit))

    async def get(self, record_id: str) -> RejectedRecord | None:
        records = await self._select("WHERE id = ?", (record_id,))
        return records[0] if records else None

    async def mark_redriven(self, record_id: str, at: datetime) -> None:
        statement = "UPDATE rejected SET attempts = attempts + 1, redriven_at = ? WHERE id = ?"
        await self._database.execute(statement, (to_micros(at), record_id))

    async def count(self) -> int:
        query = "SELECT count(*) FROM rejected WHERE redriven_at IS NULL"
        (count,) = await self._database.fetch_one(query)
        return int(count)

    async def _select(self, condition: str, values: Sequence[object]) -> list[RejectedRecord]:
        query = f"SELECT {_COLUMNS} FROM rejected {condition}"
        return await self._database.select(_rejected_record, query, values)


def _row(record: RejectedRecord) -> tuple[object, ...]:
    headers = [(name, _to_base64(value)) for name, value in record.headers]
    causes = [asdict(cause) for cause in record.causes]
    return (
        record.id,
        record.service,
        record.topic,
        record.partition,
        record.offset,
        record.key,
        record.value,
        json.dumps(headers),
        json.dumps(causes),
        to_micros(record.rejected_at),
        record.attempts,
        to_optional_micros(record.redriven_at),
    )


def _rejected_record(row: Sequence[Any]) -> RejectedRecord:
    headers = [(name, _from_base64(value)) for name, value in json.loads(row[7])]
    causes = [Cause(**cause) for cause in json.loads(row[8])]
    return RejectedRecord(
        id=row[0],
        service=row[1],
        topic=row[2],
        partition=row[3],
        offset=row[4],
        key=row[5],
        value=row[6],
        headers=tuple(headers),
        causes=tuple(causes),
        rejected_at=from_micros(row[9]),
        attempts=row[10],
        redriven_at=from_optional_micros(row[11]),
    )


def _to_base64(value: bytes | None) -> str | None:
    return None if value is None else base64.b64encode(value).decode()


def _from_base64(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text)
