"""Articles and their aliases in SQLite."""

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from shared.store.ports.article.alias_claims import AliasClaim, GrantedClaim, OwnedAlias
from shared.store.ports.article.articles import (
    ArticleSummary,
    ArticleWrite,
    Stage,
    StoredArticle,
    Task,
)
from shared.store.sqlite.article.aliases import claim_aliases, read_owners
from shared.store.sqlite.article.article_rows import (
    COLUMNS,
    read_articles,
    save_article,
    select_articles,
)
from shared.store.sqlite.article.pending_tasks import (
    complete_task,
    count_pending,
    postpone,
    read_stored,
    touch,
    wait_for,
)
from shared.store.sqlite.engine.database import Database
from shared.store.sqlite.engine.encoding import (
    from_micros,
    to_json_array,
    to_optional_micros,
    to_sql_limit,
)
from shared.trace_context import TraceContext, decode_trace, decode_traces


class SqliteArticles:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def resolve_aliases(self, aliases: Collection[str]) -> dict[str, str]:
        return await self._database.read(lambda connection: read_owners(connection, aliases))

    async def claim_aliases(self, claims: Sequence[AliasClaim]) -> list[GrantedClaim]:
        if not claims:
            return []
        return await self._database.write(lambda connection: claim_aliases(connection, claims))

    async def release_aliases(self, aliases: Mapping[str, Collection[str]]) -> None:
        rows: list[tuple[str, str]] = []
        for article_id, released in aliases.items():
            rows += [(alias, article_id) for alias in released]
        statement = "DELETE FROM aliases WHERE alias = ? AND article = ?"
        await self._database.execute_many(statement, rows)

    async def save(self, writes: Sequence[ArticleWrite]) -> list[bool]:
        return await self._database.write_each(save_article, writes)

    async def get(self, ids: Collection[str]) -> dict[str, StoredArticle]:
        articles = await self._database.read(lambda connection: read_articles(connection, ids))
        return {article.id: article for article in articles}

    async def find(self, reference: str) -> StoredArticle | None:
        query = f"""SELECT {COLUMNS} FROM articles
            WHERE id IN (?1, (SELECT article FROM aliases WHERE alias = ?1))"""
        articles = await self._select(query, (reference,))
        return articles[0] if articles else None

    async def list_page(self, after: str = "", limit: int = 500) -> list[StoredArticle]:
        query = f"SELECT {COLUMNS} FROM articles WHERE id > ? ORDER BY id LIMIT ?"
        return await self._select(query, (after, limit))

    async def list_aliases(self, after: str = "", limit: int = 500) -> list[OwnedAlias]:
        query = "SELECT alias, article FROM aliases WHERE alias > ? ORDER BY alias LIMIT ?"
        return await self._database.select(OwnedAlias._make, query, (after, limit))

    async def complete_stage(
        self, stage: Stage, versions: Mapping[str, int], touched: Collection[str] = ()
    ) -> None:
        def complete(connection: sqlite3.Connection) -> None:
            touch(connection, touched)
            complete_task(connection, stage, versions)

        if versions or touched:
            await self._database.write(complete)

    async def touch(self, ids: Collection[str]) -> None:
        if ids:
            await self._database.write(lambda connection: touch(connection, ids))

    async def reopen_stage(self, stage: Stage, ids: Collection[str]) -> None:
        if ids:
            await self._database.write(
                lambda connection: wait_for(connection, read_stored(connection, ids), [stage])
            )

    async def find_unannounced(
        self,
        ids: Collection[str] | None = None,
        *,
        saved_before: datetime | None = None,
        limit: int | None = 500,
    ) -> list[StoredArticle]:
        return await self._find_pending("announcement", ids, saved_before, limit)

    async def mark_announced(self, numbers: Mapping[str, int]) -> None:
        if numbers:
            await self._database.write(
                lambda connection: complete_task(connection, "announcement", numbers)
            )

    async def find_waiting(
        self,
        task: Task,
        changed_before: datetime,
        limit: int | None = 500,
        unless: Collection[Task] = (),
    ) -> list[StoredArticle]:
        return await self._find_pending(task, None, changed_before, limit, unless)

    async def postpone(self, task: Task, until: Mapping[str, datetime]) -> None:
        if until:
            await self._database.write(lambda connection: postpone(connection, task, until))

    async def get_pending_versions(self, task: Task, ids: Collection[str]) -> dict[str, int]:
        query = """SELECT article, version FROM json_each(?)
            CROSS JOIN pending ON article = value AND task = ?
            CROSS JOIN articles ON articles.id = article"""
        return dict(await self._database.fetch_all(query, (to_json_array(ids), task)))

    async def get_summaries(self, ids: Collection[str]) -> dict[str, ArticleSummary]:
        query = """SELECT articles.id, version, touches, changed_at, trace
            FROM articles JOIN json_each(?) ON articles.id = value"""
        summaries: dict[str, ArticleSummary] = {}
        for article_id, version, touches, changed_at, trace in await self._database.fetch_all(
            query, (to_json_array(ids),)
        ):
            time = from_micros(changed_at)
            summaries[article_id] = ArticleSummary(version, touches, time, decode_trace(trace))
        return summaries

    async def get_traces(self, ids: Collection[str]) -> dict[str, TraceContext]:
        query = """SELECT articles.id, trace FROM articles JOIN json_each(?) ON articles.id = value
            WHERE trace > '' ORDER BY changed_at, articles.id"""
        rows = await self._database.fetch_all(query, (to_json_array(ids),))
        return decode_traces(dict(rows))

    async def counts(self) -> dict[str, int]:
        return await self._database.read(_count)

    async def _find_pending(
        self,
        task: Task,
        ids: Collection[str] | None,
        since_before: datetime | None,
        limit: int | None,
        unless: Collection[Task] = (),
    ) -> list[StoredArticle]:
        chosen = "" if ids is None else "AND article IN (SELECT value FROM json_each(:ids))"
        before = "" if since_before is None else "AND since < :before"
        waiting = f"""SELECT article AS waiting_id, since FROM pending AS waiting
            WHERE task = :task {before} {chosen} AND NOT EXISTS (
                SELECT 1 FROM pending JOIN json_each(:unless) ON task = value
                WHERE article = waiting.article)
            ORDER BY since, article LIMIT :limit"""
        # An article with its seed is read only once it is chosen.
        query = f"""SELECT {COLUMNS} FROM ({waiting}) CROSS JOIN articles ON id = waiting_id
            ORDER BY since, id"""
        values = {
            "task": task,
            "ids": None if ids is None else to_json_array(ids),
            "before": to_optional_micros(since_before),
            "unless": to_json_array(unless),
            "limit": to_sql_limit(limit),
        }
        return await self._select(query, values)

    async def _select(
        self, query: str, values: Sequence[object] | Mapping[str, object]
    ) -> list[StoredArticle]:
        return await self._database.read(
            lambda connection: select_articles(connection, query, values)
        )


def _count(connection: sqlite3.Connection) -> dict[str, int]:
    (articles,) = connection.execute("SELECT count(*) FROM articles").fetchone()
    return {"articles": articles, **count_pending(connection)}
