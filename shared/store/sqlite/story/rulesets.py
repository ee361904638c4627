"""Rulesets in SQLite."""

import json

from shared.store.ports.story.rulesets import NO_RULESET, Ruleset
from shared.store.sqlite.engine.database import Database
from shared.store.sqlite.engine.encoding import from_micros, to_micros


class SqliteRulesets:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get_latest(self) -> Ruleset:
        query = "SELECT number, settings, author, at FROM rules ORDER BY number DESC LIMIT 1"
        row = await self._database.fetch_one(query)
        if row is None:
            return NO_RULESET
        number, settings, author, at = row
        return Ruleset(number, json.loads(settings), author, from_micros(at))

    async def promote(self, ruleset: Ruleset) -> bool:
        at = to_micros(ruleset.at) if ruleset.at else 0
        values = (ruleset.number, json.dumps(dict(ruleset.settings)), ruleset.by, at)
        statement = """INSERT INTO rules SELECT ?1, ?2, ?3, ?4
            WHERE ?1 = (SELECT coalesce(max(number), 0) + 1 FROM rules)"""
        return await self._database.execute(statement, values) == 1
