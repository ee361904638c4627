"""Articles as rows in SQLite: reading them, and saving one by compare-and-set."""

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from shared.store.history_entries import describe_version
from shared.store.ports.article.articles import (
    TASKS,
    AnsweredDrop,
    ArticleWrite,
    StoredArticle,
    Task,
)
from shared.store.sqlite.article.aliases import read_owners
from shared.store.sqlite.article.listing_rows import list_article
from shared.store.sqlite.article.pending_tasks import read_pending, wait_for
from shared.store.sqlite.engine.encoding import from_micros, to_json_array, to_micros
from shared.store.sqlite.operations.history import write_entry
from shared.trace_context import decode_trace, encode_trace

COLUMNS = (
    "id, seed, version, aliases, accepted_at, changed_at, positions, taken, touches, writes, trace"
)

_REPLACE = """UPDATE articles SET seed = ?2, version = ?3, aliases = ?4, accepted_at = ?5,
    changed_at = ?6, positions = ?7, taken = ?8, trace = ?9, writes = writes + 1,
    touches = touches + (version <> ?3)
    WHERE id = ?1 AND version = ?10 AND writes = coalesce(?11, writes)"""


def save_article(connection: sqlite3.Connection, write: ArticleWrite) -> bool:
    if write.expected_version == 0:
        is_saved = _insert(connection, write.article)
    else:
        values = (*_row(write.article), write.expected_version, write.expected_writes)
        is_saved = connection.execute(_REPLACE, values).rowcount == 1
    if is_saved and write.article.version != write.expected_version:
        article_id = write.article.id
        wait_for(connection, [article_id], TASKS)
        write_entry(connection, describe_version(write.article))
    if is_saved:
        list_article(connection, write.article)
    return is_saved


def _insert(connection: sqlite3.Connection, article: StoredArticle) -> bool:
    owners = read_owners(connection, article.aliases).values()
    if not {article.id}.issuperset(owners):
        return False  # another article claimed one of its aliases since
    statement = f"""INSERT OR IGNORE INTO articles ({COLUMNS})
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, 1, ?)"""
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
        json.dumps([vars(drop) for drop in article.answered_drops]),
        encode_trace(article.trace),
    )


def read_articles(connection: sqlite3.Connection, ids: Collection[str]) -> list[StoredArticle]:
    query = f"SELECT {COLUMNS} FROM articles WHERE id IN (SELECT value FROM json_each(?))"
    return select_articles(connection, query, (to_json_array(ids),))


def select_articles(
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
