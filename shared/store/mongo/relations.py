"""Signatures, near lists, marks and links in MongoDB."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from pymongo import DeleteOne, ReplaceOne, UpdateOne
from pymongo.errors import BulkWriteError

from shared.store.mongo.database import Database, Document
from shared.store.ports.relations import (
    EMPTY,
    Link,
    NearList,
    Signature,
    Unsettled,
    amended,
    links_of,
    new_stamp,
    newest,
)

AT_ONCE = 32  # questions to the server at the same time
_FREE = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


class MongoRelations:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, signatures: Sequence[Signature]) -> None:
        """A newer one that is there makes the upsert fail on its id: that is how it stays."""
        requests = [
            ReplaceOne(
                {"_id": s.article_id, "version": {"$lte": s.version}}, _document(s), upsert=True
            )
            for s in newest(signatures).values()
        ]
        for _ in range(2):  # the second time, what lost a race to insert is an update
            try:
                await self._database.bulk("signatures", requests)
            except BulkWriteError:
                continue
            return

    async def get(self, ids: Collection[str]) -> dict[str, Signature]:
        return {
            one["_id"]: _signature(one) for one in await self._database.find_ids("signatures", ids)
        }

    async def get_anew(self, versions: Mapping[str, int]) -> dict[str, Signature]:
        """First the versions alone: most signatures are what they were."""
        standing = await self.versions(versions)
        return await self.get(
            [one for one, version in standing.items() if version != versions[one]]
        )

    async def versions(self, ids: Collection[str]) -> dict[str, int]:
        found = await self._database.find_ids("signatures", ids, projection=["version"])
        return {one["_id"]: one["version"] for one in found}

    async def candidates(
        self, signatures: Sequence[Signature], window: timedelta, per_term: int
    ) -> list[set[str]]:
        places = asyncio.Semaphore(AT_ONCE)
        return list(
            await asyncio.gather(*(self._near(s, window, per_term, places) for s in signatures))
        )

    async def near(self, ids: Collection[str]) -> dict[str, dict[str, float]]:
        found = await self._lists(ids)
        return {one: found.get(one, EMPTY).entries for one in ids}

    async def near_anew(self, stamps: Mapping[str, int]) -> dict[str, NearList]:
        """First the stamps alone: most lists are what they were."""
        standing = await self._database.find_ids("near", stamps, projection=["stamp"])
        return await self._lists(
            [one["_id"] for one in standing if one["stamp"] != stamps[one["_id"]]]
        )

    async def amend(self, changes: Mapping[str, Mapping[str, float | None]]) -> set[str]:
        """Field by field, so that what several workers write adds up whatever each of them read before.

        Whoever moves an entry into or out of the best of a list as it was read knows; and as long as nobody does, the
        best are the same for all. A list of which no entry changes is left out.
        """
        lists = await self._lists(changes)
        after, felt = amended(lists, changes)
        stamp = new_stamp()
        requests = [
            UpdateOne(
                {"_id": one},
                _amendment(lists.get(one, EMPTY).entries, near.entries, stamp),
                upsert=True,
            )
            for one, near in after.items()
        ]
        await self._database.upsert("near", requests)
        return felt

    async def unsettle(self, ids: Collection[str], now: datetime) -> None:
        change = {
            "$set": {"mark": uuid4().hex, "leasedUntil": _FREE, "claim": ""},
            "$setOnInsert": {"since": now},
        }
        await self._database.upsert(
            "unsettled", [UpdateOne({"_id": one}, change, upsert=True) for one in ids]
        )

    async def hold(self, ids: Collection[str], now: datetime, lease: timedelta) -> list[Unsettled]:
        mark = uuid4().hex
        fields = {"mark": mark, "since": now, "leasedUntil": now + lease, "claim": ""}
        held = await self._database.insert_missing(
            "unsettled", [{"_id": one, **fields} for one in ids]
        )
        return [Unsettled(one, mark) for one in ids if one in held]

    async def unsettled(self, now: datetime, lease: timedelta, limit: int) -> list[Unsettled]:
        """Taken under a token by those that are still free, then read again: each is claimed by one."""
        free: Document = {"leasedUntil": {"$lte": now}}
        found = await self._database.find(
            "unsettled", free, projection=["_id"], sort=[("since", 1), ("_id", 1)], limit=limit
        )
        if not found:
            return []
        token = uuid4().hex
        claim = {"$set": {"claim": token, "leasedUntil": now + lease}}
        await self._database.bulk(
            "unsettled", [UpdateOne({"_id": one["_id"], **free}, claim) for one in found]
        )
        claimed = await self._database.find_ids("unsettled", [one["_id"] for one in found])
        return [Unsettled(one["_id"], one["mark"]) for one in claimed if one["claim"] == token]

    async def claimed(self, now: datetime) -> int:
        return int(
            await self._database.do(
                self._database["unsettled"].count_documents({"leasedUntil": {"$gt": now}})
            )
        )

    async def settled(self, done: Sequence[Unsettled]) -> None:
        await self._database.bulk(
            "unsettled", [DeleteOne({"_id": one.article_id, "mark": one.mark}) for one in done]
        )

    async def unsettled_since(self) -> datetime | None:
        found = await self._database.find(
            "unsettled", {}, projection=["since"], sort=[("since", 1)], limit=1
        )
        return found[0]["since"] if found else None

    async def relate(
        self, links: Sequence[Link], unrelated: Collection[tuple[str, str]] = ()
    ) -> None:
        drop = [DeleteOne({"_id": _pair(a, b)}) for a, b in unrelated]
        await self._database.bulk("links", drop)
        keep = {
            _pair(link.a, link.b): {
                "a": link.a,
                "b": link.b,
                "score": link.score,
                "pinned": link.pinned,
            }
            for link in links
        }
        await self._database.upsert(
            "links", [ReplaceOne({"_id": key}, fields, upsert=True) for key, fields in keep.items()]
        )

    async def links(self, ids: Collection[str]) -> dict[str, list[Link]]:
        return links_of(ids, await self.links_around(ids))

    async def links_around(self, ids: Collection[str]) -> list[Link]:
        if not ids:
            return []
        query = {"$or": [{"a": {"$in": [*ids]}}, {"b": {"$in": [*ids]}}]}
        found = await self._database.find("links", query)
        return [Link(one["a"], one["b"], one["score"], one["pinned"]) for one in found]

    async def counts(self) -> dict[str, int]:
        return {
            name: await self._database.do(self._database[name].count_documents({}))
            for name in ("links", "signatures", "unsettled")
        }

    async def _lists(self, ids: Collection[str]) -> dict[str, NearList]:
        found = await self._database.find_ids("near", ids)
        return {one["_id"]: NearList.of(one["stamp"], one.get("scores", {})) for one in found}

    async def _near(
        self, signature: Signature, window: timedelta, per_term: int, places: asyncio.Semaphore
    ) -> set[str]:
        async with places:
            found: set[str] = set()
            for term in signature.terms:
                found |= await self._sharing(term, signature, window, per_term)
            return found

    async def _sharing(
        self, term: str, signature: Signature, window: timedelta, per_term: int
    ) -> set[str]:
        """The nearest on either side that share the term, within the window."""
        at = signature.published_at
        start, end = at - min(window, at - _FIRST), at + min(window, _LAST - at)
        sides = (({"$gte": start, "$lte": at}, -1), ({"$gt": at, "$lte": end}, 1))
        found = await asyncio.gather(
            *(
                self._database.find(
                    "signatures",
                    {"terms": term, "publishedAt": near, "_id": {"$ne": signature.article_id}},
                    projection=["_id"],
                    sort=[
                        ("publishedAt", order),
                        ("_id", order),
                    ],  # as the index goes, so nothing is sorted
                    limit=per_term,
                )
                for near, order in sides
            )
        )
        return {one["_id"] for side in found for one in side}


def _amendment(before: Mapping[str, float], after: Mapping[str, float], stamp: int) -> Document:
    """What makes *after* of *before*; they differ."""
    kept = {
        f"scores.{other}": score for other, score in after.items() if before.get(other) != score
    }
    dropped = {f"scores.{other}": "" for other in before.keys() - after.keys()}
    return {"$set": {**kept, "stamp": stamp}} | ({"$unset": dropped} if dropped else {})


def _pair(a: str, b: str) -> str:
    return f"{a} {b}"


def _document(signature: Signature) -> Document:
    """The vector as two lists: stems may hold what a field's name may not."""
    return {
        "version": signature.version,
        "publishedAt": signature.published_at,
        "terms": list(signature.terms),
        "stems": list(signature.vector),
        "weights": list(signature.vector.values()),
        "column": signature.column,
        "meaning": signature.meaning,
        "sense": signature.sense,
    }


def _signature(one: Mapping[str, Any]) -> Signature:
    return Signature(
        article_id=one["_id"],
        version=one["version"],
        published_at=one["publishedAt"],
        terms=tuple(one["terms"]),
        vector=dict(zip(one["stems"], one["weights"], strict=True)),
        column=one["column"],
        meaning=bytes(one["meaning"]),
        sense=bytes(one["sense"]),
    )
