"""Promoted rules in SQLite."""

import json

from shared.store.ports.rules import NONE_YET, Promoted
from shared.store.sqlite.database import Database, from_micros, to_micros


class SqliteRules:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def latest(self) -> Promoted:
        query = "SELECT number, settings, author, at FROM rules ORDER BY number DESC LIMIT 1"
        row = await self._database.read(lambda connection: connection.execute(query).fetchone())
        return (
            Promoted(row[0], json.loads(row[1]), row[2], from_micros(row[3])) if row else NONE_YET
        )

    async def promote(self, rules: Promoted) -> bool:
        at = to_micros(rules.at) if rules.at else 0
        values = (rules.number, json.dumps(dict(rules.settings)), rules.by, at)
        statement = """INSERT INTO rules SELECT ?1, ?2, ?3, ?4
            WHERE ?1 = (SELECT coalesce(max(number), 0) + 1 FROM rules)"""
        return await self._database.write(
            lambda connection: connection.execute(statement, values).rowcount == 1
        )
