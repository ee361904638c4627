"""Signatures, the postings they are found by, and symmetric links in SQLite."""

import json
import sqlite3
from collections.abc import Collection, Sequence
from datetime import timedelta

from shared.store.relations import Link, Signature
from shared.store.sqlite.database import Database, from_micros, to_micros

_COLUMNS = "article, version, published_at, terms, vector, column_key"


class SqliteRelations:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, signatures: Sequence[Signature]) -> None:
        if signatures:
            await self._database.write(lambda connection: _save_all(connection, signatures))

    async def get(self, ids: Collection[str]) -> dict[str, Signature]:
        query = f"SELECT {_COLUMNS} FROM signatures JOIN json_each(?) ON article = value"
        rows = await self._database.read(lambda connection: connection.execute(query, (json.dumps([*ids]),)).fetchall())
        return {row[0]: _signature(row) for row in rows}

    async def candidates(self, signatures: Sequence[Signature], window: timedelta, per_term: int) -> list[set[str]]:
        reach = window // timedelta(microseconds=1)
        return await self._database.read(lambda connection: [_near(connection, s, reach, per_term) for s in signatures])

    async def relate(self, links: Sequence[Link], unrelated: Collection[tuple[str, str]] = ()) -> None:
        if links or unrelated:
            await self._database.write(lambda connection: _relate(connection, links, unrelated))

    async def links(self, ids: Collection[str]) -> dict[str, list[Link]]:
        return await self._database.read(lambda connection: _links(connection, ids))

    async def counts(self) -> dict[str, int]:
        query = "SELECT (SELECT count(*) FROM links), (SELECT count(*) FROM signatures)"
        row = await self._database.read(lambda connection: connection.execute(query).fetchone())
        return dict(zip(("links", "signatures"), row, strict=True))


def _save_all(connection: sqlite3.Connection, signatures: Sequence[Signature]) -> None:
    for signature in signatures:
        _save(connection, signature)


def _save(connection: sqlite3.Connection, signature: Signature) -> None:
    values = (
        signature.article_id,
        signature.version,
        to_micros(signature.published_at),
        json.dumps(signature.terms),
        json.dumps(dict(signature.vector)),
        signature.column,
    )
    kept = connection.execute(
        f"""INSERT INTO signatures ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (article) DO UPDATE SET version = excluded.version, published_at = excluded.published_at,
            terms = excluded.terms, vector = excluded.vector, column_key = excluded.column_key
            WHERE excluded.version >= version""",
        values,
    )
    if kept.rowcount:
        connection.execute("DELETE FROM postings WHERE article = ?", (signature.article_id,))
        postings = [(term, values[2], signature.article_id) for term in signature.terms]
        connection.executemany("INSERT OR IGNORE INTO postings VALUES (?, ?, ?)", postings)


def _near(connection: sqlite3.Connection, signature: Signature, reach: int, per_term: int) -> set[str]:
    """The newest for each term, within reach either way."""
    at = to_micros(signature.published_at)
    query = """SELECT article FROM postings WHERE term = ? AND published_at BETWEEN ? AND ? AND article <> ?
        ORDER BY published_at DESC, article LIMIT ?"""
    found: set[str] = set()
    for term in signature.terms:
        rows = connection.execute(query, (term, at - reach, at + reach, signature.article_id, per_term))
        found.update(article_id for (article_id,) in rows)
    return found


def _relate(connection: sqlite3.Connection, links: Sequence[Link], unrelated: Collection[tuple[str, str]]) -> None:
    connection.executemany("DELETE FROM links WHERE a = ? AND b = ?", [*unrelated])
    rows = [(link.a, link.b, link.score) for link in links]
    connection.executemany("INSERT OR REPLACE INTO links VALUES (?, ?, ?)", rows)


def _links(connection: sqlite3.Connection, ids: Collection[str]) -> dict[str, list[Link]]:
    found: dict[str, list[Link]] = {article_id: [] for article_id in ids}
    query = """SELECT value, a, b, score FROM json_each(?1) JOIN links ON a = value
        UNION ALL SELECT value, a, b, score FROM json_each(?1) JOIN links ON b = value
        ORDER BY score DESC, a, b"""
    for article_id, a, b, score in connection.execute(query, (json.dumps([*found]),)):
        found[article_id].append(Link(a, b, score))
    return found


def _signature(row: tuple[str, int, int, str, str, str]) -> Signature:
    article_id, version, published_at, terms, vector, column = row
    return Signature(
        article_id=article_id,
        version=version,
        published_at=from_micros(published_at),
        terms=tuple(json.loads(terms)),
        vector=json.loads(vector),
        column=column,
    )
