"""Heartbeats in SQLite."""

import json
from datetime import datetime

from shared.store.ports.workers import Heartbeat
from shared.store.sqlite.database import Database, from_micros, to_micros


class SqliteWorkers:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def beat(self, heartbeat: Heartbeat) -> None:
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
        await self._database.write(lambda connection: connection.execute(statement, values))

    async def all(self) -> list[Heartbeat]:
        query = "SELECT instance, service, host, pid, state, at, lag, counts, note FROM workers ORDER BY instance"
        rows = await self._database.read(lambda connection: connection.execute(query).fetchall())
        return [_heartbeat(*row) for row in rows]

    async def forget(self, before: datetime) -> None:
        statement = "DELETE FROM workers WHERE at < ?"
        await self._database.write(
            lambda connection: connection.execute(statement, (to_micros(before),))
        )

    async def known_cluster(self, service: str) -> str | None:
        query = "SELECT cluster FROM clusters WHERE service = ?"
        row = await self._database.read(
            lambda connection: connection.execute(query, (service,)).fetchone()
        )
        return row[0] if row else None

    async def remember_cluster(self, service: str, cluster: str) -> None:
        statement = "INSERT OR REPLACE INTO clusters VALUES (?, ?)"
        await self._database.write(
            lambda connection: connection.execute(statement, (service, cluster))
        )


def _heartbeat(
    instance: str,
    service: str,
    host: str,
    pid: int,
    state: str,
    at: int,
    lag: int | None,
    counts: str,
    note: str,
) -> Heartbeat:
    return Heartbeat(
        instance, service, host, pid, state, from_micros(at), lag, json.loads(counts), note
    )
