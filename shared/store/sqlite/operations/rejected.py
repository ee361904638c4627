"""Rejected records in SQLite, whole in their rows."""

import base64
import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from shared.store.case_changes import CaseChanges, Change
from shared.store.paging import take_page
from shared.store.ports.operations.rejected import (
    CASE_STATES,
    CaseState,
    Cause,
    Dismissal,
    RedriveAttempt,
    RejectedRecord,
)
from shared.store.redrive_history import (
    reject_again,
)
from shared.store.sqlite.engine.database import Database
from shared.store.sqlite.engine.encoding import (
    from_micros,
    from_optional_micros,
    to_json_array,
    to_micros,
    to_optional_micros,
)

_COLUMNS = """id, service, topic, partition, record_offset, key, value, headers, causes,
    rejected_at, state, redrives, dismissal, correction, recorded_at"""
_SIZE = """ifnull(length(key), 0) + ifnull(length(value), 0) + length(headers)
    + ifnull(length(correction), 0)"""


class SqliteRejected(CaseChanges):
    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, records: Sequence[RejectedRecord]) -> None:
        await self._database.write_each(_save, records)

    async def list_page(
        self, after: str = "", limit: int = 500, state: CaseState | None = None
    ) -> list[RejectedRecord]:
        return await self._database.read(
            lambda connection: _read_page(connection, after, limit, state)
        )

    async def get(self, record_id: str) -> RejectedRecord | None:
        return await self._database.read(lambda connection: _read(connection, record_id))

    async def count(self) -> int:
        return (await self.count_by_state())["open"]

    async def count_by_state(self) -> dict[CaseState, int]:
        query = "SELECT state, count(*) FROM rejected GROUP BY state"
        counts = dict(await self._database.fetch_all(query))
        return {state: counts.get(state, 0) for state in CASE_STATES}

    async def change(self, record_id: str, change: Change) -> RejectedRecord | None:
        return await self._database.write(lambda connection: _change(connection, record_id, change))


def _save(connection: sqlite3.Connection, record: RejectedRecord) -> None:
    if record.origin is not None:
        change = partial(reject_again, record=record)
        if _change(connection, record.origin.record_id, change) is not None:
            return
    marks = ", ".join("?" * 15)
    statement = f"INSERT OR IGNORE INTO rejected ({_COLUMNS}) VALUES ({marks})"
    connection.execute(statement, _row(record))


def _change(
    connection: sqlite3.Connection, record_id: str, change: Change
) -> RejectedRecord | None:
    """Write what *change* makes of the case; None if there is nothing to change."""
    case = _read(connection, record_id)
    changed = None if case is None else change(case)
    if changed is not None and changed is not case:
        statement = """UPDATE rejected SET state = ?, redrives = ?, dismissal = ?, correction = ?
            WHERE id = ?"""
        connection.execute(statement, (*_history(changed), record_id))
    return changed


def _read(connection: sqlite3.Connection, record_id: str) -> RejectedRecord | None:
    query = f"SELECT {_COLUMNS} FROM rejected WHERE id = ?"
    row = connection.execute(query, (record_id,)).fetchone()
    return _rejected_record(row) if row else None


def _read_page(
    connection: sqlite3.Connection, after: str, limit: int, state: CaseState | None
) -> list[RejectedRecord]:
    query = f"""SELECT id, {_SIZE} FROM rejected
        WHERE id > ?1 AND (?2 IS NULL OR state = ?2) ORDER BY id LIMIT ?3"""
    sizes = dict(connection.execute(query, (after, state, limit)).fetchall())
    query = f"""SELECT {_COLUMNS} FROM rejected WHERE id IN (SELECT value FROM json_each(?))
        ORDER BY id"""
    rows = connection.execute(query, (to_json_array(take_page(sizes)),))
    return [_rejected_record(row) for row in rows]


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
        *_history(record),
        to_optional_micros(record.recorded_at),
    )


def _history(record: RejectedRecord) -> tuple[object, ...]:
    """State, redrives, dismissal and correction."""
    redrives = [_encode_attempt(attempt) for attempt in record.redrives]
    dismissal = None
    if record.dismissal is not None:
        at = to_micros(record.dismissal.at)
        dismissal = json.dumps({**asdict(record.dismissal), "at": at})
    return (record.state, json.dumps(redrives), dismissal, record.correction)


def _rejected_record(row: Sequence[Any]) -> RejectedRecord:
    headers = [(name, _from_base64(value)) for name, value in json.loads(row[7])]
    redrives = [_decode_attempt(fields) for fields in json.loads(row[11])]
    return RejectedRecord(
        id=row[0],
        service=row[1],
        topic=row[2],
        partition=row[3],
        offset=row[4],
        key=row[5],
        value=row[6],
        headers=tuple(headers),
        causes=_decode_causes(json.loads(row[8])),
        rejected_at=from_micros(row[9]),
        state=row[10],
        redrives=tuple(redrives),
        dismissal=_decode_dismissal(row[12]),
        correction=row[13],
        recorded_at=from_optional_micros(row[14]),
    )


def _encode_attempt(attempt: RedriveAttempt) -> dict[str, Any]:
    times = {
        "sent_at": to_micros(attempt.sent_at),
        "answered_at": to_optional_micros(attempt.answered_at),
    }
    return {**asdict(attempt), **times}


def _decode_attempt(fields: Mapping[str, Any]) -> RedriveAttempt:
    decoded = {
        **fields,
        "sent_at": from_micros(fields["sent_at"]),
        "answered_at": from_optional_micros(fields["answered_at"]),
        "causes": _decode_causes(fields["causes"]),
    }
    return RedriveAttempt(**decoded)


def _decode_dismissal(text: str | None) -> Dismissal | None:
    if text is None:
        return None
    fields = json.loads(text)
    return Dismissal(fields["by"], from_micros(fields["at"]), fields["reason"])


def _decode_causes(causes: Sequence[Mapping[str, Any]]) -> tuple[Cause, ...]:
    return tuple(Cause(**cause) for cause in causes)


def _to_base64(value: bytes | None) -> str | None:
    return None if value is None else base64.b64encode(value).decode()


def _from_base64(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text)
