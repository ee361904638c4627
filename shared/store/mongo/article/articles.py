"""Articles in MongoDB: one document each, with what it waits for inside."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from shared.store.history_entries import describe_version
from shared.store.mongo.article.aliases import Aliases, HoldTimes
from shared.store.mongo.article.article_documents import (
    build_article,
    build_content,
    build_new_content,
    build_summary,
)
from shared.store.mongo.article.listing_fields import build_listed
from shared.store.mongo.article.new_articles import NewArticles
from shared.store.mongo.article.pending_tasks import complete_task, postpone, touch, wait_for
from shared.store.mongo.article.reservations import IS_STORED, is_stored
from shared.store.mongo.engine.database import Database, Document
from shared.store.mongo.operations.history import push_entry
from shared.store.ports.article.alias_claims import AliasClaim, GrantedClaim, OwnedAlias
from shared.store.ports.article.articles import (
    TASKS,
    ArticleSummary,
    ArticleWrite,
    Stage,
    StoredArticle,
    Task,
)
from shared.trace_context import TraceContext, decode_traces

_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


class MongoArticles:
    def __init__(self, database: Database, hold_times: HoldTimes) -> None:
        self._database = database
        self._aliases = Aliases(database, hold_times)
        self._new_articles = NewArticles(database, self._aliases)

    async def resolve_aliases(self, aliases: Collection[str]) -> dict[str, str]:
        return await self._aliases.resolve(aliases)

    async def claim_aliases(self, claims: Sequence[AliasClaim]) -> list[GrantedClaim]:
        if not claims:
            return []
        return await self._aliases.claim(claims)

    async def release_aliases(self, aliases: Mapping[str, Collection[str]]) -> None:
        await self._aliases.release(aliases)

    async def save(self, writes: Sequence[ArticleWrite]) -> list[bool]:
        first_versions = [write for write in writes if write.expected_version == 0]
        later_versions = [write for write in writes if write.expected_version != 0]
        inserted = await self._insert([write.article for write in first_versions])
        replaced = await asyncio.gather(*map(self._replace, later_versions))
        replacements = iter(replaced)
        outcomes: list[bool] = []
        for write in writes:
            if write.expected_version == 0:
                # of two inserts of one article in one call, only the first was made
                outcomes.append(inserted.pop(write.article.id, None) is write.article)
            else:
                outcomes.append(next(replacements))
        return outcomes

    async def get(self, ids: Collection[str]) -> dict[str, StoredArticle]:
        documents = await self._database.find_ids("articles", ids)
        return {
            document["_id"]: build_article(document)
            for document in documents
            if is_stored(document)
        }

    async def find(self, reference: str) -> StoredArticle | None:
        owners = await self.resolve_aliases([reference])
        owner = owners.get(reference, reference)
        articles = await self.get({reference, owner})
        return articles.get(reference) or articles.get(owner)

    async def list_page(self, after: str = "", limit: int = 500) -> list[StoredArticle]:
        return await self._database.load_page(build_article, "articles", after, limit, IS_STORED)

    async def list_aliases(self, after: str = "", limit: int = 500) -> list[OwnedAlias]:
        return await self._aliases.list_page(after, limit)

    async def complete_stage(
        self, stage: Stage, versions: Mapping[str, int], touched: Collection[str] = ()
    ) -> None:
        requests = [*touch(touched), *complete_task(stage, versions)]
        await self._database.bulk_write("articles", requests, ordered=True)

    async def touch(self, ids: Collection[str]) -> None:
        await self._database.bulk_write("articles", touch(ids))

    async def reopen_stage(self, stage: Stage, ids: Collection[str]) -> None:
        await self._database.bulk_write("articles", wait_for(stage, ids))

    async def postpone(self, task: Task, until: Mapping[str, datetime]) -> None:
        await self._database.bulk_write("articles", postpone(task, until))

    async def find_unannounced(
        self,
        ids: Collection[str] | None = None,
        *,
        saved_before: datetime | None = None,
        limit: int | None = 500,
    ) -> list[StoredArticle]:
        if ids is None:
            return await self._find_pending("announcement", saved_before, limit, {})
        query = {"pending.announcement": _since(saved_before)}
        documents = await self._database.find_in("articles", "_id", ids, query)
        oldest_first = sorted(documents, key=_order_by_announcement)
        return [build_article(document) for document in oldest_first[:limit]]

    async def mark_announced(self, numbers: Mapping[str, int]) -> None:
        await self._database.bulk_write("articles", complete_task("announcement", numbers))

    async def find_waiting(
        self,
        task: Task,
        changed_before: datetime,
        limit: int | None = 500,
        unless: Collection[Task] = (),
    ) -> list[StoredArticle]:
        conditions: Document = {f"pending.{other}": {"$exists": False} for other in unless}
        return await self._find_pending(task, changed_before, limit, conditions)

    async def get_pending_versions(self, task: Task, ids: Collection[str]) -> dict[str, int]:
        projection = ["version", f"pending.{task}"]
        documents = await self._database.find_ids("articles", ids, projection=projection)
        return {
            document["_id"]: document["version"]
            for document in documents
            if task in document.get("pending", ())
        }

    async def get_summaries(self, ids: Collection[str]) -> dict[str, ArticleSummary]:
        fields = ["version", "touches", "changedAt", "trace"]
        documents = await self._database.find_ids("articles", ids, projection=fields)
        return {
            document["_id"]: build_summary(document)
            for document in documents
            if "changedAt" in document
        }

    async def get_traces(self, ids: Collection[str]) -> dict[str, TraceContext]:
        fields = ["trace", "changedAt"]
        documents = await self._database.find_ids("articles", ids, projection=fields)
        stored = [document for document in documents if "changedAt" in document]
        stored.sort(key=lambda document: (document["changedAt"], document["_id"]))
        return decode_traces({document["_id"]: document["trace"] for document in stored})

    async def counts(self) -> dict[str, int]:
        counts = {"articles": await self._database.estimate_count("articles")}
        for task in TASKS:
            is_waiting = {f"pending.{task}": {"$gt": _EARLIEST}}
            counts[task] = await self._database.count("articles", is_waiting)
        return counts

    async def _find_pending(
        self, task: Task, before: datetime | None, limit: int | None, conditions: Document
    ) -> list[StoredArticle]:
        field = f"pending.{task}"
        documents = await self._database.find(
            "articles",
            {field: _since(before), **conditions},
            sort=[(field, 1), ("_id", 1)],
            limit=limit or 0,
        )
        return [build_article(document) for document in documents]

    async def _insert(self, articles: Sequence[StoredArticle]) -> dict[str, StoredArticle]:
        """Returns the articles inserted now, by id. Of several with one id the first is."""
        first_of_each: dict[str, StoredArticle] = {}
        for article in articles:
            first_of_each.setdefault(article.id, article)
        aliases = {article.id: article.aliases for article in first_of_each.values()}
        contents = {article.id: build_new_content(article) for article in first_of_each.values()}
        inserted = await self._new_articles.insert(contents, aliases)
        return {article_id: first_of_each[article_id] for article_id in inserted}

    async def _replace(self, write: ArticleWrite) -> bool:
        change: Document = {"$set": build_content(write.article), "$inc": {"writes": 1}}
        if write.article.version != write.expected_version:
            now = datetime.now(UTC)
            change["$set"] |= {f"pending.{task}": now for task in TASKS}
            change["$set"]["listed"] = build_listed(write.article)
            change["$inc"]["touches"] = 1
            change["$push"] = push_entry(describe_version(write.article))
        query: Document = {"_id": write.article.id, "version": write.expected_version}
        if write.expected_writes is not None:
            query["writes"] = write.expected_writes
        return await self._database.update_if("articles", query, change)


def _since(before: datetime | None) -> Document:
    """Of a task: waiting for it at all, or since before that time."""
    return {"$gt": _EARLIEST} if before is None else {"$lt": before}


def _order_by_announcement(document: Mapping[str, Any]) -> tuple[datetime, str]:
    return document["pending"]["announcement"], document["_id"]
