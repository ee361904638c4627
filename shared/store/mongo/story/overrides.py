"""Editors' overrides in MongoDB."""

from collections.abc import Collection, Mapping, Sequence
from operator import itemgetter
from typing import Any

from pymongo import DeleteOne

from shared.store.mongo.engine.database import Database, Document
from shared.store.ports.story.overrides import Override


class MongoOverrides:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, override: Override) -> None:
        await self._database.replace("instructions", {override.id: _fields(override)})

    async def find_by_articles(self, article_ids: Collection[str]) -> list[Override]:
        documents = await self._database.find_in("instructions", "articles", article_ids)
        by_id = sorted(documents, key=itemgetter("_id"))
        latest_first = sorted(by_id, key=itemgetter("at"), reverse=True)
        return [_override(document) for document in latest_first]

    async def delete(self, overrides: Sequence[Override]) -> None:
        requests = [DeleteOne({"_id": override.id}) for override in overrides]
        await self._database.bulk_write("instructions", requests)

    async def list_page(self, after: str = "", limit: int = 500) -> list[Override]:
        return await self._database.load_page(_override, "instructions", after, limit)


def _fields(override: Override) -> Document:
    return {
        "word": override.kind,
        "ones": list(override.first_ids),
        "others": list(override.second_ids),
        "articles": sorted(override.article_ids),
        "by": override.by,
        "at": override.at,
        "reason": override.reason,
    }


def _override(document: Mapping[str, Any]) -> Override:
    return Override(
        kind=document["word"],
        first_ids=tuple(document["ones"]),
        second_ids=tuple(document["others"]),
        by=document["by"],
        at=document["at"],
        reason=document["reason"],
    )
