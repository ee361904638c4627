"""Promoted rules in MongoDB: a document for each number, so that two promotions at once cannot both win."""

from shared.store.mongo.database import Database
from shared.store.ports.rules import NONE_YET, Promoted


class MongoRules:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def latest(self) -> Promoted:
        found = await self._database.find("rules", {}, sort=[("_id", -1)], limit=1)
        return (
            Promoted(one["_id"], one["settings"], one["by"], one["at"])
            if (one := next(iter(found), None))
            else NONE_YET
        )

    async def promote(self, rules: Promoted) -> bool:
        if (await self.latest()).number != rules.number - 1:
            return False
        fields = {"settings": dict(rules.settings), "by": rules.by, "at": rules.at}
        return rules.number in await self._database.insert_missing(
            "rules", [{"_id": rules.number, **fields}]
        )
