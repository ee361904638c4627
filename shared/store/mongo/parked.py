"""Parked work in MongoDB."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from pymongo import DeleteOne, ReplaceOne

from shared.store.mongo.database import Database, Document
from shared.store.ports.parked import Parked

_FREE = datetime(1970, 1, 1, tzinfo=UTC)


class MongoParked:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def park(self, work: Sequence[Parked]) -> None:
        latest = {_id(one): one for one in work}
        await self._database.upsert(
            "parked",
            [ReplaceOne({"_id": key}, _document(one), upsert=True) for key, one in latest.items()],
        )

    async def claim(self, now: datetime, lease: timedelta, limit: int) -> list[Parked]:
        claimed: list[Parked] = []
        token = uuid4().hex
        while len(claimed) < limit and (one := await self._claim_one(now, lease, token)):
            claimed.append(_parked(one, token))
        return claimed

    async def done(self, work: Sequence[Parked]) -> None:
        await self._database.bulk(
            "parked", [DeleteOne({"_id": _id(one), "claim": one.claim}) for one in work]
        )

    async def on(self, urls: Collection[str]) -> list[Parked]:
        found = await self._database.find(
            "parked", {"url": {"$in": [*set(urls)]}}, sort=[("_id", 1)]
        )
        return [_parked(one, one["claim"]) for one in found]

    async def page(self, limit: int = 100) -> list[Parked]:
        found = await self._database.find("parked", {}, sort=[("due", 1), ("_id", 1)], limit=limit)
        return [_parked(one, one["claim"]) for one in found]

    async def count(self) -> int:
        return int(await self._database.do(self._database["parked"].count_documents({})))

    async def _claim_one(self, now: datetime, lease: timedelta, token: str) -> Document | None:
        """One atomic step, so that two callers never get the same piece."""
        found: Document | None = await self._database.do(
            self._database["parked"].find_one_and_update(
                {"due": {"$lte": now}, "leasedUntil": {"$lte": now}},
                {"$set": {"claim": token, "leasedUntil": now + lease}},
                sort=[("due", 1), ("_id", 1)],
            )
        )
        return found


def _id(one: Parked) -> str:
    return f"{one.article_id} {one.url}"


def _document(one: Parked) -> Document:
    return {
        "article": one.article_id,
        "url": one.url,
        "due": one.due,
        "attempts": one.attempts,
        "reason": one.reason,
        "claim": "",
        "leasedUntil": _FREE,
    }


def _parked(one: Mapping[str, Any], claim: str) -> Parked:
    return Parked(one["article"], one["url"], one["due"], one["attempts"], one["reason"], claim)
