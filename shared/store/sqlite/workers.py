"""Heartbeats in SQLite."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from shared.store.ports.workers import Heartbeat
from shared.store.sqlite.database import Database
from shared.store.sqlite.encoding import from_micros, to_micros


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
        )
        statement = "INSERT OR REPLACE INTO workers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
        await self._database.execute(statement, values)

    async def list_heartbeats(self) -> list[Heartbeat]:
        query = """SELECT instance, service, host, pid, state, at, lag, counts, note FROM workers
            ORDER BY instance"""
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
    )
