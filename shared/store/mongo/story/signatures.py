"""Signatures in MongoDB, found by an index on their terms and the time of publication."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from pymongo import ReplaceOne
from pymongo.errors import BulkWriteError

from shared.store.mongo.article.listing_fields import list_language
from shared.store.mongo.engine.database import Database, Document
from shared.store.ports.story.signatures import Signature, TitleWord, select_newest

CONCURRENT_ARTICLES: Final = 32  # whose candidates are searched for at the same time
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


class MongoSignatures:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, signatures: Sequence[Signature]) -> None:
        """Where a newer version is stored the upsert fails on the id, and so that version stays."""
        newest = select_newest(signatures).values()
        await self._database.bulk_write("articles", map(list_language, newest))
        requests = [_upsert(signature) for signature in newest]
        for _ in range(2):  # in the second round, an upsert that lost a race to insert is an update
            try:
                await self._database.bulk_write("signatures", requests)
            except BulkWriteError:
                continue
            return

    async def get(self, ids: Collection[str]) -> dict[str, Signature]:
        return await self._database.load_by_id(build_signature, "signatures", ids)

    async def get_if_changed(self, versions: Mapping[str, int]) -> dict[str, Signature]:
        """Read the versions first: most signatures have not changed."""
        stored = await self.get_versions(versions)
        changed = [
            article_id for article_id, version in stored.items() if version != versions[article_id]
        ]
        return await self.get(changed)

    async def get_versions(self, ids: Collection[str]) -> dict[str, int]:
        documents = await self._database.find_ids("signatures", ids, projection=["version"])
        return {document["_id"]: document["version"] for document in documents}

    async def find_candidates(
        self, signatures: Sequence[Signature], window: timedelta, per_term: int
    ) -> list[set[str]]:
        semaphore = asyncio.Semaphore(CONCURRENT_ARTICLES)

        async def find(signature: Signature) -> set[str]:
            async with semaphore:
                return await self._find_candidates(signature, window, per_term)

        return list(await asyncio.gather(*map(find, signatures)))

    async def list_directions(self, skip: int, limit: int) -> list[bytes]:
        documents = await self._list_newest("direction", skip, limit)
        return [bytes(document["direction"]) for document in documents]

    async def list_newest_ids(self, limit: int) -> list[str]:
        return [document["_id"] for document in await self._list_newest("_id", 0, limit)]

    async def count(self) -> int:
        return await self._database.estimate_count("signatures")

    async def _list_newest(self, field: str, skip: int, limit: int) -> list[Document]:
        if limit < 1:
            return []
        return await self._database.find(
            "signatures",
            {},
            projection=[field],
            sort=[("publishedAt", -1), ("_id", -1)],
            skip=skip,
            limit=limit,
        )

    async def _find_candidates(
        self, signature: Signature, window: timedelta, per_term: int
    ) -> set[str]:
        at = signature.published_at
        start, end = at - min(window, at - _FIRST), at + min(window, _LAST - at)
        before, after = {"$gte": start, "$lte": at}, {"$gt": at, "$lte": end}
        candidates: set[str] = set()
        for term in signature.terms:
            query: Document = {"terms": term, "_id": {"$ne": signature.article_id}}
            found = await asyncio.gather(
                self._find_nearest(query, before, -1, per_term),
                self._find_nearest(query, after, 1, per_term),
            )
            candidates.update(*found)
        return candidates

    async def _find_nearest(
        self, query: Document, period: Document, direction: int, limit: int
    ) -> list[str]:
        """Those published first in the *period*, seen in that direction of time."""
        documents = await self._database.find(
            "signatures",
            {**query, "publishedAt": period},
            projection=["_id"],
            sort=[("publishedAt", direction), ("_id", direction)],  # as the index is: no sorting
            limit=limit,
        )
        return [document["_id"] for document in documents]


def _upsert(signature: Signature) -> ReplaceOne[Document]:
    query = {"_id": signature.article_id, "version": {"$lte": signature.version}}
    return ReplaceOne(query, _document(signature), upsert=True)


def _document(signature: Signature) -> Document:
    """The vector as two lists, for stems may hold what a field's name may not."""
    return {
        "version": signature.version,
        "publishedAt": signature.published_at,
        "terms": list(signature.terms),
        "stems": list(signature.vector),
        "weights": list(signature.vector.values()),
        "title": [[word.text, word.kind, list(word.stems)] for word in signature.title],
        "outlet": signature.outlet,
        "direction": signature.direction,
    }


def build_signature(document: Mapping[str, Any]) -> Signature:
    return Signature(
        article_id=document["_id"],
        version=document["version"],
        published_at=document["publishedAt"],
        terms=tuple(document["terms"]),
        vector=dict(zip(document["stems"], document["weights"], strict=True)),
        title=tuple(TitleWord(text, kind, tuple(stems)) for text, kind, stems in document["title"]),
        outlet=document["outlet"],
        direction=bytes(document["direction"]),
    )
