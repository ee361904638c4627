"""Parked work in MongoDB."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from pymongo import DeleteOne

from shared.store.mongo.database import Database, Document
from shared.store.ports.parked import ParkedFetch

_NO_LEASE: Final = datetime(1970, 1, 1, tzinfo=UTC)


class MongoParked:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def park(self, work: Sequence[ParkedFetch]) -> None:
        await self._database.replace("parked", {_id(fetch): _fields(fetch) for fetch in work})

    async def claim(self, now: datetime, lease: timedelta, limit: int) -> list[ParkedFetch]:
        """One fetch at a time, each in one atomic step, so that no two callers get the same."""
        query = {"due": {"$lte": now}, "leasedUntil": {"$lte": now}}
        token = uuid4().hex
        change = {"$set": {"claim": token, "leasedUntil": now + lease}}
        claimed: list[ParkedFetch] = []
        while len(claimed) < limit:
            earliest = await self._update_earliest(query, change)
            if earliest is None:
                break
            claimed.append(_parked_fetch(earliest, token))
        return claimed

    async def remove(self, work: Sequence[ParkedFetch]) -> None:
        requests = [DeleteOne({"_id": _id(fetch), "claim": fetch.claim}) for fetch in work]
        await self._database.bulk_write("parked", requests)

    async def find_by_urls(self, urls: Collection[str]) -> list[ParkedFetch]:
        query = {"url": {"$in": [*set(urls)]}}
        documents = await self._database.find("parked", query, sort=[("_id", 1)])
        return [_parked_fetch(document, document["claim"]) for document in documents]

    async def list_earliest(self, limit: int | None = 100) -> list[ParkedFetch]:
        earliest_first = [("due", 1), ("_id", 1)]
        documents = await self._database.find("parked", {}, sort=earliest_first, limit=limit or 0)
        return [_parked_fetch(document, document["claim"]) for document in documents]

    async def count(self) -> int:
        return await self._database.count("parked", {})

    async def _update_earliest(self, query: Document, change: Document) -> Document | None:
        """As it was before the change."""
        earliest_first = [("due", 1), ("_id", 1)]
        update = self._database["parked"].find_one_and_update(query, change, sort=earliest_first)
        document: Document | None = await self._database.do(update)
        return document


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


def _parked_fetch(document: Mapping[str, Any], claim: str) -> ParkedFetch:
    return ParkedFetch(
        article_id=document["article"],
        url=document["url"],
        due=document["due"],
        attempts=document["attempts"],
        reason=document["reason"],
        claim=claim,
    )
