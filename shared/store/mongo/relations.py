"""Signatures and links in MongoDB."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

from pymongo import DeleteOne, ReplaceOne
from pymongo.errors import BulkWriteError

from shared.store.mongo.database import Database, Document
from shared.store.relations import Link, Signature

AT_ONCE = 32  # questions to the server at the same time


class MongoRelations:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, signatures: Sequence[Signature]) -> None:
        """A newer one that is there makes the upsert fail on its id: that is how it stays."""
        newest = {s.article_id: s for s in sorted(signatures, key=lambda s: s.version)}
        requests = [
            ReplaceOne({"_id": s.article_id, "version": {"$lte": s.version}}, _document(s), upsert=True)
            for s in newest.values()
        ]
        for _ in range(2):  # the second time, what lost a race to insert is an update
            try:
                await self._database.bulk("signatures", requests)
            except BulkWriteError:
                continue
            return

    async def get(self, ids: Collection[str]) -> dict[str, Signature]:
        return {one["_id"]: _signature(one) for one in await self._database.find_ids("signatures", ids)}

    async def candidates(self, signatures: Sequence[Signature], window: timedelta, per_term: int) -> list[set[str]]:
        places = asyncio.Semaphore(AT_ONCE)
        return list(await asyncio.gather(*(self._near(s, window, per_term, places) for s in signatures)))

    async def relate(self, links: Sequence[Link], unrelated: Collection[tuple[str, str]] = ()) -> None:
        drop = [DeleteOne({"_id": _pair(a, b)}) for a, b in unrelated]
        await self._database.bulk("links", drop)
        keep = {_pair(link.a, link.b): {"a": link.a, "b": link.b, "score": link.score} for link in links}
        await self._database.upsert(
            "links", [ReplaceOne({"_id": key}, fields, upsert=True) for key, fields in keep.items()]
        )

    async def links(self, ids: Collection[str]) -> dict[str, list[Link]]:
        found: dict[str, list[Link]] = {article_id: [] for article_id in ids}
        if not found:
            return found
        query = {"$or": [{"a": {"$in": [*found]}}, {"b": {"$in": [*found]}}]}
        links = [Link(one["a"], one["b"], one["score"]) for one in await self._database.find("links", query)]
        for link in sorted(links, key=lambda link: (-link.score, link.a, link.b)):
            for end in (link.a, link.b):
                if end in found:
                    found[end].append(link)
        return found

    async def counts(self) -> dict[str, int]:
        return {
            name: await self._database.do(self._database[name].count_documents({})) for name in ("links", "signatures")
        }

    async def _near(
        self, signature: Signature, window: timedelta, per_term: int, places: asyncio.Semaphore
    ) -> set[str]:
        async with places:
            found: set[str] = set()
            for term in signature.terms:
                found |= await self._sharing(term, signature, window, per_term)
            return found

    async def _sharing(self, term: str, signature: Signature, window: timedelta, per_term: int) -> set[str]:
        """The newest that share the term, within the window either way."""
        near = {"$gte": signature.published_at - window, "$lte": signature.published_at + window}
        found = await self._database.find(
            "signatures",
            {"terms": term, "publishedAt": near, "_id": {"$ne": signature.article_id}},
            projection=["_id"],
            sort=[("publishedAt", -1), ("_id", 1)],
            limit=per_term,
        )
        return {one["_id"] for one in found}


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
    }


def _signature(one: Mapping[str, Any]) -> Signature:
    return Signature(
        article_id=one["_id"],
        version=one["version"],
        published_at=one["publishedAt"],
        terms=tuple(one["terms"]),
        vector=dict(zip(one["stems"], one["weights"], strict=True)),
        column=one["column"],
    )
