"""Heartbeats in SQLite."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from shared.store.ports.operations.workers import Heartbeat
from shared.store.sqlite.engine.database import Database
from shared.store.sqlite.engine.encoding import (
    from_micros,
    from_optional_micros,
    to_micros,
    to_optional_micros,
)

_COLUMNS = """instance, service, host, pid, state, at, lag, counts, note, waits_for, waits_since,
    handled_at, schema, mode"""


class SqliteWorkers:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def save_heartbeat(self, heartbeat: Heartbeat) -> None:
        values = (
            heartbeat.instance,
            heartbeat.service,
            heartbeat.host,
            heartbeat.pid,
            heartbeat.state,
            to_micros(heartbeat.at),
            heartbeat.lag,
            json.dumps(dict(heartbeat.counts)),
            heartbeat.note,
            heartbeat.waits_for,
            to_optional_micros(heartbeat.waits_since),
            to_optional_micros(heartbeat.handled_at),
            heartbeat.schema,
            heartbeat.mode,
        )
        marks = ", ".join("?" * 14)
        statement = f"INSERT OR REPLACE INTO workers ({_COLUMNS}) VALUES ({marks})"
        await self._database.execute(statement, values)

    async def list_heartbeats(self) -> list[Heartbeat]:
        query = f"SELECT {_COLUMNS} FROM workers ORDER BY instance"
        return await self._database.select(_heartbeat, query)

    async def delete_heartbeats(self, before: datetime) -> None:
        await self._database.execute("DELETE FROM workers WHERE at < ?", (to_micros(before),))

    async def get_cluster(self, service: str) -> str | None:
        query = "SELECT cluster FROM clusters WHERE service = ?"
        row = await self._database.fetch_one(query, (service,))
        return row[0] if row else None

    async def save_cluster(self, service: str, cluster: str) -> None:
        statement = "INSERT OR REPLACE INTO clusters VALUES (?, ?)"
        await self._database.execute(statement, (service, cluster))

    async def claim_refill(
        self, service: str, cluster: str, holder: str, now: datetime, lease: timedelta
    ) -> bool:
        statement = """INSERT INTO refills VALUES (?1, ?2, ?3, ?4) ON CONFLICT (service)
            DO UPDATE SET cluster = ?2, holder = ?3, leased_until = ?4
            WHERE holder = ?3 OR leased_until <= ?5 OR cluster <> ?2"""
        values = (service, cluster, holder, to_micros(now + lease), to_micros(now))
        return await self._database.execute(statement, values) == 1


def _heartbeat(row: Sequence[Any]) -> Heartbeat:
    return Heartbeat(
        instance=row[0],
        service=row[1],
        host=row[2],
        pid=row[3],
        state=row[4],
        at=from_micros(row[5]),
        lag=row[6],
        counts=json.loads(row[7]),
        note=row[8],
        waits_for=row[9],
        waits_since=from_optional_micros(row[10]),
        handled_at=from_optional_micros(row[11]),
        schema=row[12],
        mode=row[13],
    )
