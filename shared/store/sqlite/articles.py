"""Articles and their aliases in SQLite."""

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from shared.store.history_entries import describe_version
from shared.store.ports.articles import (
    TASKS,
    AliasClaim,
    AnsweredDrop,
    ArticleMark,
    ArticleWrite,
    GrantedClaim,
    OwnedAlias,
    Stage,
    StoredArticle,
    Task,
)
from shared.store.sqlite.aliases import claim_aliases, read_owners
from shared.store.sqlite.database import Database
from shared.store.sqlite.encoding import (
    from_micros,
    to_json_array,
    to_micros,
    to_optional_micros,
    to_sql_limit,
)
from shared.store.sqlite.history import write_entry
from shared.store.sqlite.listing_rows import list_article
from shared.store.sqlite.pending_tasks import (
    complete_task,
    count_pending,
    postpone,
    read_pending,
    read_stored,
    touch,
    wait_for,
)
from shared.trace_context import TraceContext, decode_trace, decode_traces, encode_trace

_COLUMNS = (
    "id, seed, version, aliases, accepted_at, changed_at, positions, taken, touches, writes, trace"
)


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
        return await self._database.write_each(_save, writes)

    async def get(self, ids: Collection[str]) -> dict[str, StoredArticle]:
        articles = await self._database.read(lambda connection: read_articles(connection, ids))
        return {article.id: article for article in articles}

    async def find(self, reference: str) -> StoredArticle | None:
        query = f"""SELECT {_COLUMNS} FROM articles
            WHERE id IN (?1, (SELECT article FROM aliases WHERE alias = ?1))"""
        articles = await self._select(query, (reference,))
        return articles[0] if articles else None

    async def list_page(self, after: str = "", limit: int = 500) -> list[StoredArticle]:
        query = f"SELECT {_COLUMNS} FROM articles WHERE id > ? ORDER BY id LIMIT ?"
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

    async def get_marks(self, ids: Collection[str]) -> dict[str, ArticleMark]:
        query = """SELECT articles.id, version, touches, changed_at, trace
            FROM articles JOIN json_each(?) ON articles.id = value"""
        marks: dict[str, ArticleMark] = {}
        for article_id, version, touches, changed_at, trace in await self._database.fetch_all(
            query, (to_json_array(ids),)
        ):
            time = from_micros(changed_at)
            marks[article_id] = ArticleMark(version, touches, time, decode_trace(trace))
        return marks

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
        query = f"""SELECT {_COLUMNS} FROM ({waiting}) CROSS JOIN articles ON id = waiting_id
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
            lambda connection: _read_articles(connection, query, values)
        )


_REPLACE = """UPDATE articles SET seed = ?2, version = ?3, aliases = ?4, accepted_at = ?5,
    changed_at = ?6, positions = ?7, taken = ?8, trace = ?9, writes = writes + 1
    WHERE id = ?1 AND version = ?10 AND writes = coalesce(?11, writes)"""


def _save(connection: sqlite3.Connection, write: ArticleWrite) -> bool:
    if write.expected_version == 0:
        is_saved = _insert(connection, write.article)
    else:
        values = (*_row(write.article), write.expected_version, write.expected_writes)
        is_saved = connection.execute(_REPLACE, values).rowcount == 1
    if is_saved and write.article.version != write.expected_version:
        article_id = write.article.id
        wait_for(connection, [article_id], TASKS)
        connection.execute("UPDATE articles SET touches = touches + 1 WHERE id = ?", (article_id,))
        write_entry(connection, describe_version(write.article))
    if is_saved:
        list_article(connection, write.article)
    return is_saved


def _insert(connection: sqlite3.Connection, article: StoredArticle) -> bool:
    owners = read_owners(connection, article.aliases).values()
    if not {article.id}.issuperset(owners):
        return False  # another article claimed one of its aliases since
    statement = f"""INSERT OR IGNORE INTO articles ({_COLUMNS})
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, 1, ?)"""
    return connection.execute(statement, _row(article)).rowcount == 1


def _row(article: StoredArticle) -> tuple[object, ...]:
    """Without touches and writes, which the store counts."""
    return (
        article.id,
        article.seed,
        article.version,
        json.dumps(article.aliases),
        to_micros(article.accepted_at),
        to_micros(article.changed_at),
        json.dumps(dict(article.positions)),
        json.dumps([asdict(drop) for drop in article.answered_drops]),
        encode_trace(article.trace),
    )


def read_articles(connection: sqlite3.Connection, ids: Collection[str]) -> list[StoredArticle]:
    query = f"SELECT {_COLUMNS} FROM articles WHERE id IN (SELECT value FROM json_each(?))"
    return _read_articles(connection, query, (to_json_array(ids),))


def _read_articles(
    connection: sqlite3.Connection, query: str, values: Sequence[object] | Mapping[str, object]
) -> list[StoredArticle]:
    rows = connection.execute(query, values).fetchall()
    pending = read_pending(connection, [row[0] for row in rows])
    return [_article(row, frozenset(pending.get(row[0], ()))) for row in rows]


def _article(row: Sequence[Any], pending: frozenset[Task]) -> StoredArticle:
    answered_drops = tuple(AnsweredDrop(**drop) for drop in json.loads(row[7]))
    return StoredArticle(
        id=row[0],
        seed=row[1],
        version=row[2],
        aliases=tuple(json.loads(row[3])),
        accepted_at=from_micros(row[4]),
        changed_at=from_micros(row[5]),
        positions=json.loads(row[6]),
        answered_drops=answered_drops,
        pending=pending,
        touches=row[8],
        writes=row[9],
        trace=decode_trace(row[10]),
    )


def _count(connection: sqlite3.Connection) -> dict[str, int]:
    (articles,) = connection.execute("SELECT count(*) FROM articles").fetchone()
    return {"articles": articles, **count_pending(connection)}
