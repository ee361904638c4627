"""The newsroom's word on articles in MongoDB."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from pymongo import DeleteOne, ReplaceOne

from shared.store.mongo.database import Database, Document
from shared.store.ports.overrides import Instruction


class MongoInstructions:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, instruction: Instruction) -> None:
        request = ReplaceOne({"_id": instruction.id}, _document(instruction), upsert=True)
        await self._database.upsert("instructions", [request])

    async def of(self, ids: Collection[str]) -> list[Instruction]:
        query = {"articles": {"$in": [*ids]}}
        found = (
            await self._database.find("instructions", query, sort=[("at", -1), ("_id", 1)])
            if ids
            else []
        )
        return [_instruction(one) for one in found]

    async def forget(self, instructions: Sequence[Instruction]) -> None:
        await self._database.bulk(
            "instructions", [DeleteOne({"_id": one.id}) for one in instructions]
        )

    async def page(self, after: str = "", limit: int = 500) -> list[Instruction]:
        found = await self._database.find(
            "instructions", {"_id": {"$gt": after}}, sort=[("_id", 1)], limit=limit
        )
        return [_instruction(one) for one in found]


def _document(one: Instruction) -> Document:
    return {
        "word": one.word,
        "ones": list(one.ones),
        "others": list(one.others),
        "articles": sorted(one.articles),
        "by": one.by,
        "at": one.at,
        "reason": one.reason,
    }


def _instruction(one: Mapping[str, Any]) -> Instruction:
    return Instruction(
        one["word"], tuple(one["ones"]), tuple(one["others"]), one["by"], one["at"], one["reason"]
    )
