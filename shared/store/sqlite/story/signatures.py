"""Signatures, and the postings that candidates are found by, in SQLite."""

import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from itertools import chain
from typing import Any

import orjson

from shared.store.ports.story.signatures import (
    Signature,
    TitleWord,
    TitleWordKind,
    select_newest,
)
from shared.store.sqlite.article.listing_rows import list_language
from shared.store.sqlite.engine.database import Database
from shared.store.sqlite.engine.encoding import from_micros, to_json, to_micros

_COLUMNS = "article, version, published_at, terms, vector, title, outlet, direction"


_NEWEST = """SELECT article FROM signatures INDEXED BY signature_times
    ORDER BY published_at DESC, article DESC LIMIT ? OFFSET ?"""


class SqliteSignatures:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, signatures: Sequence[Signature]) -> None:
        if signatures:
            await self._database.write(lambda connection: _save(connection, signatures))

    async def get(self, ids: Collection[str]) -> dict[str, Signature]:
        return await self._database.read(lambda connection: read_signatures(connection, ids))

    async def get_if_changed(self, versions: Mapping[str, int]) -> dict[str, Signature]:
        """Compare the versions first: most signatures have not changed."""
        return await self._database.read(
            lambda connection: read_signatures(connection, _find_changed(connection, versions))
        )

    async def get_versions(self, ids: Collection[str]) -> dict[str, int]:
        return await self._database.read(lambda connection: _read_versions(connection, ids))

    async def find_candidates(
        self, signatures: Sequence[Signature], window: timedelta, per_term: int
    ) -> list[set[str]]:
        reach = window // timedelta(microseconds=1)

        def find_all(connection: sqlite3.Connection) -> list[set[str]]:
            known: dict[str, str] = {}
            return [
                _find_candidates(connection, signature, reach, per_term, known)
                for signature in signatures
            ]

        return await self._database.read(find_all)

    async def list_directions(self, skip: int, limit: int) -> list[bytes]:
        query = f"SELECT direction FROM ({_NEWEST}) JOIN signatures USING (article)"
        rows = await self._database.fetch_all(query, (limit, skip))
        return [direction for (direction,) in rows]

    async def list_newest_ids(self, limit: int) -> list[str]:
        rows = await self._database.fetch_all(_NEWEST, (limit, 0))
        return [article_id for (article_id,) in rows]

    async def count(self) -> int:
        (count,) = await self._database.fetch_one("SELECT count(*) FROM signatures")
        return int(count)


def read_signatures(connection: sqlite3.Connection, ids: Collection[str]) -> dict[str, Signature]:
    if not ids:
        return {}
    query = f"SELECT {_COLUMNS} FROM signatures JOIN json_each(?) ON article = value"
    rows = connection.execute(query, (to_json([*ids]),))
    return {row[0]: _signature(row) for row in rows}


def _read_versions(connection: sqlite3.Connection, ids: Collection[str]) -> dict[str, int]:
    query = """SELECT article, version FROM json_each(?)
        CROSS JOIN signatures INDEXED BY signature_versions WHERE article = value"""
    return dict(connection.execute(query, (to_json([*ids]),)).fetchall())


def _find_changed(connection: sqlite3.Connection, versions: Mapping[str, int]) -> list[str]:
    query = """SELECT article FROM json_each(?)
        CROSS JOIN signatures INDEXED BY signature_versions
        WHERE article = key AND version <> value"""
    rows = connection.execute(query, (to_json(versions),))
    return [article_id for (article_id,) in rows]


# Not REPLACE: that would write the second index again although the version stays.
_UPSERT = f"""INSERT INTO signatures ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (article) DO UPDATE SET version = excluded.version,
    published_at = excluded.published_at, terms = excluded.terms, vector = excluded.vector,
    title = excluded.title, outlet = excluded.outlet, direction = excluded.direction"""


def _save(connection: sqlite3.Connection, signatures: Sequence[Signature]) -> None:
    """A stored one of a newer version stays. An article without a signature has no postings."""
    newest = select_newest(signatures)
    stored_versions = _read_versions(connection, newest)
    kept = [
        signature
        for article_id, signature in newest.items()
        if signature.version >= stored_versions.get(article_id, 0)
    ]
    replaced_ids = {signature.article_id for signature in kept} & stored_versions.keys()
    replaced = read_signatures(connection, replaced_ids)
    delete = "DELETE FROM postings WHERE term = ? AND published_at = ? AND article = ?"
    connection.executemany(delete, _postings(replaced.values()))
    connection.executemany(_UPSERT, [_row(signature) for signature in kept])
    connection.executemany("INSERT OR IGNORE INTO postings VALUES (?, ?, ?)", _postings(kept))
    for signature in kept:
        list_language(connection, signature)


def _row(signature: Signature) -> tuple[object, ...]:
    return (
        signature.article_id,
        signature.version,
        to_micros(signature.published_at),
        to_json(signature.terms),
        to_json(dict(signature.vector)),
        to_json([tuple(word) for word in signature.title]),
        signature.outlet,
        signature.direction,
    )


def _postings(signatures: Iterable[Signature]) -> list[tuple[str, int, str]]:
    """In the order of their table."""
    postings: list[tuple[str, int, str]] = []
    for signature in signatures:
        published_at = to_micros(signature.published_at)
        postings += [(term, published_at, signature.article_id) for term in signature.terms]
    return sorted(postings)


_BEFORE = """SELECT article FROM postings
    WHERE term = value AND published_at BETWEEN :start AND :at AND article <> :article
    ORDER BY published_at DESC, article DESC LIMIT :limit"""
_AFTER = """SELECT article FROM postings
    WHERE term = value AND published_at BETWEEN :at + 1 AND :end AND article <> :article
    ORDER BY published_at, article LIMIT :limit"""
# A row for each term, not for each id: handing a row to Python costs as much as finding it. Ids
# hold no blanks.
CANDIDATES = f"""SELECT (SELECT group_concat(article, ' ') FROM ({_BEFORE})),
    (SELECT group_concat(article, ' ') FROM ({_AFTER})) FROM json_each(:terms)"""


def _find_candidates(
    connection: sqlite3.Connection,
    signature: Signature,
    reach: int,
    per_term: int,
    known: dict[str, str],
) -> set[str]:
    """For each term those published nearest on either side, *reach* microseconds away at most.

    *known* has the ids that were found before: a candidate of many articles is kept once.
    """
    at = to_micros(signature.published_at)
    values = {
        "terms": to_json(signature.terms),
        "start": at - reach,
        "at": at,
        "end": at + reach,
        "article": signature.article_id,
        "limit": per_term,
    }
    candidates: set[str] = set()
    for ids in chain.from_iterable(connection.execute(CANDIDATES, values)):
        if ids:
            candidates.update(ids.split())
    return {known.setdefault(candidate, candidate) for candidate in candidates}


def _signature(row: Sequence[Any]) -> Signature:
    article_id, version, published_at, terms, vector, title, outlet, direction = row
    return Signature(
        article_id=article_id,
        version=version,
        published_at=from_micros(published_at),
        terms=tuple(orjson.loads(terms)),
        vector=orjson.loads(vector),
        title=tuple(_title_word(*word) for word in orjson.loads(title)),
        outlet=outlet,
        direction=direction,
    )


def _title_word(text: str, kind: TitleWordKind, stems: Sequence[str]) -> TitleWord:
    return TitleWord(text, kind, tuple(stems))
