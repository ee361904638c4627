"""The outbox in SQLite: a table with a row for each state that is not announced yet."""

import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from shared.store.ports.operations.outbox import MAX_UNANNOUNCED, OutboxFull
from shared.store.sqlite.engine.database import Database
from shared.store.sqlite.engine.encoding import (
    from_micros,
    to_json_array,
    to_optional_micros,
    to_sql_limit,
)
from shared.trace_context import decode_trace

State = TypeVar("State")


@dataclass(frozen=True)
class OutboxTable:
    """A table with columns for id and number, whose names vary, and for kind, at, data, trace."""

    name: str
    id_column: str
    number_column: str

    def put(self, connection: sqlite3.Connection, state_id: str, row: Sequence[object]) -> None:
        """Insert the state of *row*, which has number, kind, at, data and trace.

        Raises OutboxFull if too many states of this id are there.
        """
        query = f"SELECT count(*) FROM {self.name} WHERE {self.id_column} = ?"
        (waiting,) = connection.execute(query, (state_id,)).fetchone()
        if waiting >= MAX_UNANNOUNCED:
            raise OutboxFull(state_id)
        statement = f"INSERT OR REPLACE INTO {self.name} VALUES (?, ?, ?, ?, ?, ?)"
        connection.execute(statement, (state_id, *row))


class SqliteOutbox(Generic[State]):
    """Finds and removes the rows of an outbox.

    The part of the store that inherits it puts them into its table when it saves states.
    """

    def __init__(
        self, database: Database, table: OutboxTable, state_type: Callable[..., State]
    ) -> None:
        self._database = database
        self._table = table
        self._state_type = state_type

    async def find_unannounced(
        self,
        ids: Collection[str] | None = None,
        *,
        saved_before: datetime | None = None,
        limit: int | None = 500,
    ) -> list[State]:
        """An id waits since its oldest state; `last` is its latest state of those that count."""
        table = self._table
        chosen = "" if ids is None else f"JOIN json_each(:ids) ON {table.id_column} = value"
        waiting = f"""SELECT {table.id_column} AS waiting_id, min(at) AS since,
            max({table.number_column}) FILTER (WHERE :before IS NULL OR at < :before) AS last
            FROM {table.name} {chosen} GROUP BY waiting_id HAVING last IS NOT NULL
            ORDER BY since, waiting_id LIMIT :limit"""
        query = f"""SELECT {table.id_column}, {table.number_column}, kind, at, data, trace
            FROM ({waiting}) CROSS JOIN {table.name}
            ON {table.id_column} = waiting_id AND {table.number_column} <= last
            ORDER BY since, waiting_id, {table.number_column} LIMIT :limit"""
        values = {
            "ids": None if ids is None else to_json_array(ids),
            "before": to_optional_micros(saved_before),
            "limit": to_sql_limit(limit),
        }
        rows = await self._database.fetch_all(query, values)
        return [build_state(self._state_type, *row) for row in rows]

    async def mark_announced(self, numbers: Mapping[str, int]) -> None:
        table = self._table
        statement = f"""DELETE FROM {table.name}
            WHERE {table.id_column} = ? AND {table.number_column} <= ?"""
        await self._database.execute_many(statement, [*numbers.items()])


def build_state(
    state_type: Callable[..., State],
    state_id: str,
    number: int,
    kind: Any,
    at: int,
    data: bytes,
    trace: str,
) -> State:
    return state_type(state_id, number, kind, from_micros(at), data, decode_trace(trace))
