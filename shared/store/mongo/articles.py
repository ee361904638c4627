"""Articles in MongoDB: one document each, with what it waits for inside."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pymongo import UpdateMany, UpdateOne

from shared.store.mongo.aliases import Aliases
from shared.store.mongo.database import Database, Document
from shared.store.ports.articles import Claim, Save, Stage, StoredArticle, Taken, Task

NEW_VERSION: tuple[Task, ...] = ("announcement", "images", "related", "decision")


class MongoArticles:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._aliases = Aliases(database)

    async def resolve(self, aliases: Collection[str]) -> dict[str, str]:
        return await self._aliases.resolve(aliases)

    async def claim(self, claims: Sequence[Claim]) -> list[str]:
        return await self._aliases.claim(claims) if claims else []

    async def save(self, saves: Sequence[Save]) -> list[bool]:
        inserted = await self._insert([save.article for save in saves if save.expected == 0])
        replaced = await asyncio.gather(
            *(self._replace(save) for save in saves if save.expected != 0)
        )
        outcomes = iter(replaced)
        # of two inserts of one article in one call, the first is the one that was made
        return [
            inserted.pop(save.article.id, None) is save.article
            if save.expected == 0
            else next(outcomes)
            for save in saves
        ]

    async def get(self, ids: Collection[str]) -> dict[str, StoredArticle]:
        return {one["_id"]: _article(one) for one in await self._database.find_ids("articles", ids)}

    async def find(self, reference: str) -> StoredArticle | None:
        owned = (await self.resolve([reference])).get(reference)
        found = await self.get({reference, owned or reference})
        return found.get(reference) or found.get(owned or "")

    async def page(self, after: str = "", limit: int = 500) -> list[StoredArticle]:
        found = await self._database.find(
            "articles", {"_id": {"$gt": after}}, sort=[("_id", 1)], limit=limit
        )
        return [_article(one) for one in found]

    async def ledger(self, after: str = "", limit: int = 500) -> list[tuple[str, str]]:
        return await self._aliases.page(after, limit)

    async def enriched(
        self, stage: Stage, done: Mapping[str, int], touched: Collection[str]
    ) -> None:
        touch = {"$inc": {"touches": 1}, "$set": {"pending.decision": datetime.now(UTC)}}
        waits = [UpdateMany({"_id": {"$in": [*touched]}}, touch)] if touched else []
        await self._database.bulk("articles", [*waits, *_done(stage, done)], ordered=True)

    async def reopen(self, stage: Stage, ids: Collection[str]) -> None:
        wait = {"$set": {f"pending.{stage}": datetime.now(UTC)}}
        await self._database.bulk(
            "articles", [UpdateMany({"_id": {"$in": [*ids]}}, wait)] if ids else []
        )

    async def announced(self, versions: Mapping[str, int]) -> None:
        await self._database.bulk("articles", _done("announcement", versions))

    async def waiting(
        self, task: Task, changed_before: datetime, limit: int = 500, unless: Collection[Task] = ()
    ) -> list[StoredArticle]:
        field = f"pending.{task}"
        others: Document = {f"pending.{other}": {"$exists": False} for other in unless}
        found = await self._database.find(
            "articles",
            {field: {"$lt": changed_before}, **others},
            sort=[(field, 1), ("_id", 1)],
            limit=limit,
        )
        return [_article(one) for one in found]

    async def pending(self, task: Task, ids: Collection[str]) -> dict[str, int]:
        found = await self._database.find_ids(
            "articles", ids, projection=["version", f"pending.{task}"]
        )
        return {one["_id"]: one["version"] for one in found if task in one.get("pending", ())}

    async def counts(self) -> dict[str, int]:
        articles = self._database["articles"]
        counts = {"articles": await self._database.do(articles.count_documents({}))}
        for task in NEW_VERSION:
            counts[task] = await self._database.do(
                articles.count_documents({f"pending.{task}": {"$gt": _EVER}})
            )
        return counts

    async def _insert(self, articles: Sequence[StoredArticle]) -> dict[str, StoredArticle]:
        """The articles inserted now, by id. The first of each id is tried; its aliases are held before."""
        fresh = {article.id: article for article in reversed(articles)}
        held = await self._aliases.hold(
            {article_id: article.aliases for article_id, article in fresh.items()}
        )
        inserted = await self._database.insert_missing(
            "articles", [_fresh(fresh[article_id]) for article_id in held]
        )
        return {article_id: fresh[article_id] for article_id in inserted}

    async def _replace(self, save: Save) -> bool:
        change: Document = {"$set": _content(save.article), "$inc": {"writes": 1}}
        if save.article.version != save.expected:
            change["$set"] |= {f"pending.{task}": since for task, since in _pending().items()}
            change["$inc"]["touches"] = 1
        query = {"_id": save.article.id, "version": save.expected}
        if save.writes is not None:
            query["writes"] = save.writes
        result = await self._database.do(self._database["articles"].update_one(query, change))
        return bool(result.matched_count == 1)


_EVER = datetime(1970, 1, 1, tzinfo=UTC)


def _pending() -> dict[str, datetime]:
    now = datetime.now(UTC)
    return {task: now for task in NEW_VERSION}


def _done(task: Task, versions: Mapping[str, int]) -> list[UpdateOne]:
    """The task is done for these versions; an article of another version waits on."""
    return [
        UpdateOne({"_id": article_id, "version": version}, {"$unset": {f"pending.{task}": ""}})
        for article_id, version in versions.items()
    ]


def _fresh(article: StoredArticle) -> Document:
    return {
        "_id": article.id,
        **_content(article),
        "pending": _pending(),
        "touches": 1,
        "writes": 1,
    }


def _content(article: StoredArticle) -> Document:
    return {
        "seed": article.seed,
        "version": article.version,
        "aliases": list(article.aliases),
        "acceptedAt": article.accepted_at,
        "changedAt": article.changed_at,
        "positions": [
            {"source": source, "offset": offset} for source, offset in article.positions.items()
        ],
        "taken": [
            {"source": t.source, "offset": t.offset, "status": t.status} for t in article.taken
        ],
    }


def _article(one: Mapping[str, Any]) -> StoredArticle:
    return StoredArticle(
        id=one["_id"],
        seed=bytes(one["seed"]),
        version=one["version"],
        aliases=tuple(one["aliases"]),
        accepted_at=one["acceptedAt"],
        changed_at=one["changedAt"],
        positions={position["source"]: position["offset"] for position in one["positions"]},
        taken=tuple(Taken(**taken) for taken in one["taken"]),
        pending=frozenset(one.get("pending", ())),
        touches=one["touches"],
        writes=one["writes"],
    )
