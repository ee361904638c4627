"""Parked work in MongoDB."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any, Final
from uuid import uuid4

from pymongo import DeleteOne, UpdateOne

from shared.store.mongo.engine.database import Database, Document
from shared.store.ports.picture.parked import ParkedFetch

_NO_LEASE: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST_FIRST: Final = [("due", 1), ("_id", 1)]


class MongoParked:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def park(self, work: Sequence[ParkedFetch]) -> None:
        await self._database.replace("parked", {_id(fetch): _fields(fetch) for fetch in work})

    async def claim(self, now: datetime, lease: timedelta, limit: int) -> list[ParkedFetch]:
        """Write a token to the earliest fetches that are free, then read which got it.

        Each write finds its fetch still free or changes nothing, so no two callers get the same.
        Repeats for what others were faster to claim.
        """
        free: Document = {"due": {"$lte": now}, "leasedUntil": {"$lte": now}}
        token = uuid4().hex
        claim = {"$set": {"claim": token, "leasedUntil": now + lease}}
        claimed: list[Document] = []
        while len(claimed) < limit:
            ids = await self._find_earliest(free, limit - len(claimed))
            if not ids:
                break
            requests = [UpdateOne({"_id": parked_id, **free}, claim) for parked_id in ids]
            await self._database.bulk_write("parked", requests)
            found = await self._database.find_ids("parked", ids)
            claimed += [document for document in found if document["claim"] == token]
        claimed.sort(key=itemgetter("due", "_id"))
        return [_parked_fetch(document) for document in claimed]

    async def claim_named(
        self, work: Sequence[ParkedFetch], now: datetime, lease: timedelta
    ) -> list[ParkedFetch]:
        token = uuid4().hex
        claim = {"$set": {"claim": token, "leasedUntil": now + lease}}
        ids = [_id(fetch) for fetch in work]
        free = {"leasedUntil": {"$lte": now}}
        requests = [UpdateOne({"_id": parked_id, **free}, claim) for parked_id in ids]
        await self._database.bulk_write("parked", requests)
        found = await self._database.find_ids("parked", ids)
        claimed = [document for document in found if document["claim"] == token]
        claimed.sort(key=itemgetter("_id"))
        return [_parked_fetch(document) for document in claimed]

    async def remove(self, work: Sequence[ParkedFetch]) -> None:
        requests = [DeleteOne({"_id": _id(fetch), "claim": fetch.claim}) for fetch in work]
        await self._database.bulk_write("parked", requests)

    async def find_by_urls(self, urls: Collection[str]) -> list[ParkedFetch]:
        documents = await self._database.find_in("parked", "url", urls)
        return [_parked_fetch(document) for document in sorted(documents, key=itemgetter("_id"))]

    async def list_earliest(
        self, limit: int | None = 100, after: ParkedFetch | None = None
    ) -> list[ParkedFetch]:
        documents: list[Document] = []
        for part in _list_parts(after):
            left = 0 if limit is None else limit - len(documents)
            documents += await self._database.find("parked", part, sort=_EARLIEST_FIRST, limit=left)
            if limit is not None and len(documents) >= limit:
                break
        return [_parked_fetch(document) for document in documents]

    async def count(self) -> int:
        return await self._database.count("parked", {"due": {"$gt": _NO_LEASE}})

    async def _find_earliest(self, query: Document, limit: int) -> list[str]:
        documents = await self._database.find(
            "parked", query, projection=["_id"], sort=_EARLIEST_FIRST, limit=limit
        )
        return [document["_id"] for document in documents]


def _list_parts(after: ParkedFetch | None) -> list[Document]:
    """What follows a fetch, in parts that are each read from the index in its order."""
    if after is None:
        return [{}]
    return [{"due": after.due, "_id": {"$gt": _id(after)}}, {"due": {"$gt": after.due}}]


def _id(fetch: ParkedFetch) -> str:
    return f"{fetch.article_id} {fetch.url}"


def _fields(fetch: ParkedFetch) -> Document:
    return {
        "article": fetch.article_id,
        "url": fetch.url,
        "due": fetch.due,
        "attempts": fetch.attempts,
        "reason": fetch.reason,
        "claim": "",
        "leasedUntil": _NO_LEASE,
    }


def _parked_fetch(document: Mapping[str, Any]) -> ParkedFetch:
    return ParkedFetch(
        article_id=document["article"],
        url=document["url"],
        due=document["due"],
        attempts=document["attempts"],
        reason=document["reason"],
        claim=document["claim"],
    )
