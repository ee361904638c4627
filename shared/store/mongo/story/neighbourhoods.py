"""Dirty marks in MongoDB."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import uuid4

from pymongo import DeleteOne, UpdateOne

from shared.store.mongo.engine.database import Database, Document
from shared.store.ports.story.neighbourhoods import DirtyMark

_NO_LEASE: Final = datetime(1970, 1, 1, tzinfo=UTC)


class MongoNeighbourhoods:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def mark_dirty(self, ids: Collection[str], now: datetime) -> None:
        change = {
            "$set": {"mark": uuid4().hex, "leasedUntil": _NO_LEASE, "claim": ""},
            "$setOnInsert": {"since": now},
        }
        requests = [UpdateOne({"_id": article_id}, change, upsert=True) for article_id in ids]
        await self._database.upsert("unsettled", requests)

    async def mark_and_claim(
        self, ids: Collection[str], now: datetime, lease: timedelta
    ) -> list[DirtyMark]:
        mark = uuid4().hex
        fields = {"mark": mark, "since": now, "leasedUntil": now + lease, "claim": ""}
        documents = [{"_id": article_id, **fields} for article_id in ids]
        marked = await self._database.insert_missing("unsettled", documents)
        return [DirtyMark(article_id, mark) for article_id in ids if article_id in marked]

    async def claim_dirty(self, now: datetime, lease: timedelta, limit: int) -> list[DirtyMark]:
        """Write a token to the marks that are still free, then read them again.

        So each mark has one claimant.
        """
        free: Document = {"leasedUntil": {"$lte": now}}
        oldest_first = [("since", 1), ("_id", 1)]
        found = await self._database.find(
            "unsettled", free, projection=["_id"], sort=oldest_first, limit=limit
        )
        ids = [document["_id"] for document in found]
        token = uuid4().hex
        claim = {"$set": {"claim": token, "leasedUntil": now + lease}}
        requests = [UpdateOne({"_id": article_id, **free}, claim) for article_id in ids]
        await self._database.bulk_write("unsettled", requests)
        documents = await self._database.find_ids("unsettled", ids)
        return [
            DirtyMark(document["_id"], document["mark"])
            for document in documents
            if document["claim"] == token
        ]

    async def clear_dirty(self, marks: Sequence[DirtyMark]) -> None:
        requests = [DeleteOne({"_id": mark.article_id, "mark": mark.mark}) for mark in marks]
        await self._database.bulk_write("unsettled", requests)

    async def get_dirty_since(self) -> datetime | None:
        documents = await self._database.find(
            "unsettled", {}, projection=["since"], sort=[("since", 1)], limit=1
        )
        return documents[0]["since"] if documents else None

    async def count_claimed(self, now: datetime) -> int:
        return await self._database.count("unsettled", {"leasedUntil": {"$gt": now}})

    async def count_dirty(self) -> int:
        return await self._database.count("unsettled", {"since": {"$gt": _NO_LEASE}})
