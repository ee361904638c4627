"""The newsroom's word on articles in SQLite."""

import json
import sqlite3
from collections.abc import Collection, Sequence

from shared.store.ports.overrides import Instruction, Word
from shared.store.sqlite.database import Database, from_micros, to_micros

_COLUMNS = "id, word, ones, others, author, at, reason"


class SqliteInstructions:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, instruction: Instruction) -> None:
        await self._database.write(lambda connection: _save(connection, instruction))

    async def of(self, ids: Collection[str]) -> list[Instruction]:
        query = f"""SELECT {_COLUMNS} FROM instructions WHERE id IN (
            SELECT instruction FROM instructed JOIN json_each(?) ON article = value) ORDER BY at DESC, id"""
        return await self._database.read(
            lambda connection: _found(connection, query, (json.dumps([*ids]),))
        )

    async def forget(self, instructions: Sequence[Instruction]) -> None:
        if instructions:
            await self._database.write(
                lambda connection: _forget(connection, [one.id for one in instructions])
            )

    async def page(self, after: str = "", limit: int = 500) -> list[Instruction]:
        query = f"SELECT {_COLUMNS} FROM instructions WHERE id > ? ORDER BY id LIMIT ?"
        return await self._database.read(
            lambda connection: _found(connection, query, (after, limit))
        )


def _save(connection: sqlite3.Connection, one: Instruction) -> None:
    values = (
        one.id,
        one.word,
        json.dumps(one.ones),
        json.dumps(one.others),
        one.by,
        to_micros(one.at),
        one.reason,
    )
    connection.execute(
        f"INSERT OR REPLACE INTO instructions ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)", values
    )
    named = [(article_id, one.id) for article_id in one.articles]
    connection.executemany("INSERT OR IGNORE INTO instructed VALUES (?, ?)", named)


def _forget(connection: sqlite3.Connection, ids: Sequence[str]) -> None:
    connection.executemany("DELETE FROM instructions WHERE id = ?", [(one,) for one in ids])
    connection.executemany("DELETE FROM instructed WHERE instruction = ?", [(one,) for one in ids])


def _found(
    connection: sqlite3.Connection, query: str, values: tuple[object, ...]
) -> list[Instruction]:
    return [_instruction(*row) for row in connection.execute(query, values)]


def _instruction(
    _: str, word: Word, ones: str, others: str, by: str, at: int, reason: str
) -> Instruction:
    return Instruction(
        word, tuple(json.loads(ones)), tuple(json.loads(others)), by, from_micros(at), reason
    )
