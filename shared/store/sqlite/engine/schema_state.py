"""The state of the schema in SQLite."""

import sqlite3
from typing import Final

from shared.store.ports.operations.schema import SchemaState
from shared.store.sqlite.engine.database import Database
from shared.store.sqlite.engine.migrations import list_applied_steps
from shared.store.sqlite.engine.schema import read_layout

_UNUSED_INDEXES: Final = ("postings_article",)  # no query has read it since layout 3


class SqliteSchema:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def load_state(self) -> SchemaState:
        def read(connection: sqlite3.Connection) -> SchemaState:
            return SchemaState(read_layout(connection), list_applied_steps(connection))

        return await self._database.read(read)

    async def set_layout(self, layout: int) -> None:
        await self._database.execute(f"PRAGMA user_version = {int(layout)}")

    async def drop_unused(self) -> list[str]:
        def drop(connection: sqlite3.Connection) -> list[str]:
            query = "SELECT name FROM sqlite_master WHERE type = 'index'"
            present = {name for (name,) in connection.execute(query)}
            dropped = [name for name in _UNUSED_INDEXES if name in present]
            for name in dropped:
                connection.execute(f"DROP INDEX {name}")
            return dropped

        return await self._database.write(drop)
