"""Listings in MongoDB: found by indexes on fields of the articles' documents."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from pymongo import UpdateOne

from shared.store.listing_content import language_facet, list_query_facets, split_words
from shared.store.mongo.article.article_documents import build_article
from shared.store.mongo.article.listing_fields import (
    DECISION_FIELDS,
    LISTING_FIELDS,
    UNDECIDED,
    build_decided,
    build_listed,
    build_listing,
)
from shared.store.mongo.article.reservations import is_stored
from shared.store.mongo.engine.database import Database, Document
from shared.store.mongo.story.signatures import build_signature
from shared.store.ports.article.listings import (
    Listing,
    ListingLine,
    ListingQuery,
    Order,
    Position,
    build_line,
)
from shared.store.ports.story.signatures import Signature

_ENOUGH: Final = 1_000  # articles of a facet: one with as many is as good to read as any
_LATER_FIRST: Final = [("listed.publishedAt", -1), ("_id", -1)]
_SORTS: Final[Mapping[Order, list[tuple[str, int]]]] = {
    "time": _LATER_FIRST,
    "heat": [("decided.heat", -1), *_LATER_FIRST],
}


class MongoListings:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(
        self, query: ListingQuery, after: Position | None = None, limit: int | None = 50
    ) -> list[Listing]:
        words = split_words(query.search)
        if query.search and not words:
            return []
        conditions = await self._build_conditions(query, words)
        found: list[Document] = []
        for part in _list_parts(query.order, after):
            found += await self._database.find(
                "articles",
                {**conditions, **part},
                sort=_SORTS[query.order],
                limit=limit - len(found) if limit is not None else 0,  # 0: no limit
                projection=LISTING_FIELDS,
            )
            if limit is not None and len(found) >= limit:
                break
        return [build_listing(document) for document in found]

    async def find_lines(self, query: ListingQuery) -> list[ListingLine]:
        return [build_line(listing) for listing in await self.find(query, limit=None)]

    async def get(self, ids: Collection[str]) -> dict[str, Listing]:
        found = await self._database.find_ids("articles", ids, projection=LISTING_FIELDS)
        listed = [document for document in found if is_stored(document)]
        return {document["_id"]: build_listing(document) for document in listed}

    async def get_last_revised(self) -> datetime | None:
        found = await self._database.find(
            "articles",
            {"decided.revision": {"$gt": 0}},
            sort=[("decided.revisedAt", -1)],
            limit=1,
            projection=["decided.revisedAt"],
        )
        return found[0]["decided"]["revisedAt"] if found else None

    async def rebuild(self, ids: Collection[str]) -> None:
        """A decision that is saved meanwhile is listed by whoever saves it, or looks at it last."""
        articles = await self._database.find_ids("articles", ids)
        signatures = await self._database.load_by_id(build_signature, "signatures", ids)
        found = await self._database.find_ids("decisions", ids, projection=DECISION_FIELDS)
        decisions = {decision["_id"]: decision for decision in found}
        requests = []
        for article in filter(is_stored, articles):
            article_id = article["_id"]
            signature, decision = signatures.get(article_id), decisions.get(article_id)
            requests.append(_write_anew(article, signature, decision))
        await self._database.bulk_write("articles", requests)

    async def _build_conditions(self, query: ListingQuery, words: Sequence[str]) -> Document:
        is_published = query.is_published
        conditions: Document = {
            "decided.published": {"$in": [False, True]} if is_published is None else is_published
        }
        facets = await self._sort_by_size(list_query_facets(query))
        if words:
            conditions["listed.words"] = _all_of(words)
        if not words or facets != list_query_facets(ListingQuery()):
            conditions["listed.facets"] = _all_of(facets)
        return conditions

    async def _sort_by_size(self, facets: Sequence[str]) -> list[str]:
        """The rarest first: MongoDB reads the index for that one."""
        if len(facets) == 1:
            return list(facets)
        sizes = []
        for facet in facets:
            count = self._database["articles"].count_documents(
                {"listed.facets": facet}, limit=_ENOUGH
            )
            sizes.append((await self._database.do(count), facet))
        return [facet for _, facet in sorted(sizes)]


def _all_of(keys: Sequence[str]) -> Any:
    return keys[0] if len(keys) == 1 else {"$all": list(keys)}


def _list_parts(order: Order, after: Position | None) -> list[Document]:
    """What remains of the list, in parts of which each is read from the index in its order."""
    if after is None:
        return [{}]
    time = after.published_at
    parts: list[Document] = [
        {"listed.publishedAt": time, "_id": {"$lt": after.article_id}},
        {"listed.publishedAt": {"$lt": time}},
    ]
    if order == "time":
        return parts
    same_heat = [{"decided.heat": after.heat, **part} for part in parts]
    return [*same_heat, {"decided.heat": {"$lt": after.heat}}]


def _write_anew(
    article: Document, signature: Signature | None, decision: Document | None
) -> UpdateOne:
    listed = build_listed(build_article(article))
    if signature is not None and signature.version == article["version"]:
        listed["language"] = signature.language
        listed["facets"].append(language_facet(signature.language))
    decided = dict(UNDECIDED) if decision is None else build_decided(article["_id"], decision)
    query = {"_id": article["_id"], "version": article["version"]}
    return UpdateOne(query, {"$set": {"listed": listed, "decided": decided}})
