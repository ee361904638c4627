"""The rows of listings in SQLite, written in the transaction of the article, signature or decision.

Each listing has a row in `listed` for each list that it is in, and one in `title_words` for each
word of its title.
"""

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final, NamedTuple

import orjson

from shared.store.listing_content import describe_content, language_facet
from shared.store.ports.article.articles import StoredArticle
from shared.store.ports.article.decisions import Decision
from shared.store.ports.article.listings import UNDECIDED_HEAT
from shared.store.ports.story.signatures import Signature
from shared.store.sqlite.engine.encoding import (
    to_json,
    to_json_array,
    to_micros,
    to_optional_micros,
)

_KEYS: Final = "facets, language, published, published_at, heat, words"
_CONTENT: Final = f"""INSERT INTO listings (article, version, title, slug, published_at, provider,
        topics, quality, problem, facets, words, heat)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
    ON CONFLICT (article) DO UPDATE SET version = ?2, title = ?3, slug = ?4, published_at = ?5,
        provider = ?6, topics = ?7, quality = ?8, problem = ?9, facets = ?10, words = ?11,
        language = CASE WHEN version = ?2 THEN language ELSE '' END
    RETURNING {_KEYS}"""
_LANGUAGE: Final = f"""UPDATE listings SET language = ?2
    WHERE article = ?1 AND version = ?3 AND language <> ?2 RETURNING {_KEYS}"""
_DECISION: Final = f"""UPDATE listings SET published = ?2, heat = ?3, lead = ?4, relatives = ?5,
    revision = ?6, revised_at = ?7 WHERE article = ?1 RETURNING {_KEYS}"""

_UNLIST: Final = """DELETE FROM listed
    WHERE facet = ? AND published = ? AND published_at = ? AND article = ?"""
_LIST: Final = """INSERT OR REPLACE INTO listed (facet, published, published_at, heat, article)
    VALUES (?, ?, ?, ?, ?)"""
_FORGET_WORD: Final = "DELETE FROM title_words WHERE word = ? AND published_at = ? AND article = ?"
_ADD_WORD: Final = (
    "INSERT OR IGNORE INTO title_words (word, published_at, article) VALUES (?, ?, ?)"
)


def list_article(connection: sqlite3.Connection, article: StoredArticle) -> None:
    """Write what the listing takes from the seed. What it takes from the decision stays.

    The language of another version does not: related reads every version.
    """
    content = describe_content(article)
    before = _read_keys(connection, article.id)
    row = (
        article.id,
        article.version,
        content.title,
        content.slug,
        to_micros(content.published_at),
        content.provider,
        to_json(content.topics),
        content.quality,
        content.problem,
        to_json(content.facets),
        to_json(content.words),
        UNDECIDED_HEAT,
    )
    after = connection.execute(_CONTENT, row).fetchone()
    _index(connection, article.id, before, after)


def list_language(connection: sqlite3.Connection, signature: Signature) -> None:
    """Write the language, provided that the signature is of the version that is listed."""
    before = _read_keys(connection, signature.article_id)
    values = (signature.article_id, signature.language, signature.version)
    if after := connection.execute(_LANGUAGE, values).fetchone():
        _index(connection, signature.article_id, before, after)


def list_decision(connection: sqlite3.Connection, decision: Decision) -> None:
    before = _read_keys(connection, decision.article_id)
    leads = decision.lead == decision.article_id
    relatives = len(decision.inputs.get("relatives", ())) if leads else None
    revised_at = decision.latest.at if decision.latest else None
    row = (
        decision.article_id,
        int(decision.published),
        decision.heat,
        decision.lead,
        relatives,
        decision.revision,
        to_optional_micros(revised_at),
    )
    if after := connection.execute(_DECISION, row).fetchone():
        _index(connection, decision.article_id, before, after)


class _Keys(NamedTuple):
    """The rows of an article, in `listed` and in `title_words`, each without the article."""

    listed: frozenset[tuple[str, int, int, int]] = frozenset()
    words: frozenset[tuple[str, int]] = frozenset()

    @property
    def places(self) -> frozenset[tuple[str, int, int]]:
        """The rows in `listed` without their heat, which is not part of the key."""
        return frozenset(row[:3] for row in self.listed)


def _read_keys(connection: sqlite3.Connection, article_id: str) -> _Keys:
    """Where the article is listed, by its listing."""
    query = f"SELECT {_KEYS} FROM listings WHERE article = ?"
    row = connection.execute(query, (article_id,)).fetchone()
    return _build_keys(row) if row else _Keys()


def _build_keys(row: Sequence[Any]) -> _Keys:
    """Where an article is listed whose listing has this *row* of _KEYS."""
    facets, language, published, published_at, heat, words = row
    listed_by = orjson.loads(facets)
    if language:
        listed_by.append(language_facet(language))
    listed = frozenset((facet, published, published_at, heat) for facet in listed_by)
    return _Keys(listed, frozenset((word, published_at) for word in orjson.loads(words)))


def _index(
    connection: sqlite3.Connection, article_id: str, before: _Keys, listing: Sequence[Any]
) -> None:
    """Write the rows by which the article is found now, in place of those *before*.

    *listing* is what its listing has of _KEYS now.
    """
    after = _build_keys(listing)
    changes: tuple[tuple[str, Iterable[tuple[str | int, ...]]], ...] = (
        (_UNLIST, before.places - after.places),
        (_LIST, after.listed - before.listed),
        (_FORGET_WORD, before.words - after.words),
        (_ADD_WORD, after.words - before.words),
    )
    for statement, rows in changes:
        if rows:
            connection.executemany(statement, [(*row, article_id) for row in rows])


def unlist(connection: sqlite3.Connection, ids: Collection[str]) -> None:
    """Delete these listings, and every row that leads to them, also those they do not know of.

    Reads all rows, for none of them should be wrong.
    """
    for table in ("listed", "title_words", "listings"):
        statement = f"DELETE FROM {table} WHERE article IN (SELECT value FROM json_each(?))"
        connection.execute(statement, (to_json_array(ids),))
