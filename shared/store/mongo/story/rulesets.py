"""Rulesets in MongoDB: a document for each number, so that only one promotion can take it."""

from shared.store.mongo.engine.database import Database
from shared.store.ports.story.rulesets import NO_RULESET, Ruleset


class MongoRulesets:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get_latest(self) -> Ruleset:
        documents = await self._database.find("rules", {}, sort=[("_id", -1)], limit=1)
        if not documents:
            return NO_RULESET
        latest = documents[0]
        return Ruleset(latest["_id"], latest["settings"], latest["by"], latest["at"])

    async def promote(self, ruleset: Ruleset) -> bool:
        latest = await self.get_latest()
        if latest.number != ruleset.number - 1:
            return False
        document = {
            "_id": ruleset.number,
            "settings": dict(ruleset.settings),
            "by": ruleset.by,
            "at": ruleset.at,
        }
        return ruleset.number in await self._database.insert_missing("rules", [document])
