"""Signatures, the postings they are found by, near lists, marks and symmetric links in SQLite."""

import sqlite3
from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import Any
from uuid import uuid4

import orjson

from shared.store.ports.relations import (
    EMPTY,
    Link,
    NearList,
    Signature,
    Unsettled,
    amended,
    links_of,
    new_stamp,
    newest,
)
from shared.store.sqlite.database import Database, from_micros, to_micros

_COLUMNS = "article, version, published_at, terms, vector, column_key, meaning, sense"


class SqliteRelations:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, signatures: Sequence[Signature]) -> None:
        if signatures:
            await self._database.write(lambda connection: _save_all(connection, signatures))

    async def get(self, ids: Collection[str]) -> dict[str, Signature]:
        return await self._database.read(lambda connection: _get(connection, ids))

    async def get_anew(self, versions: Mapping[str, int]) -> dict[str, Signature]:
        """First the versions alone: most signatures are what they were."""
        return await self._database.read(
            lambda connection: _get(connection, _moved_on(connection, versions))
        )

    async def versions(self, ids: Collection[str]) -> dict[str, int]:
        return await self._database.read(lambda connection: _versions(connection, ids))

    async def candidates(
        self, signatures: Sequence[Signature], window: timedelta, per_term: int
    ) -> list[set[str]]:
        reach = window // timedelta(microseconds=1)
        return await self._database.read(
            lambda connection: [_near(connection, s, reach, per_term) for s in signatures]
        )

    async def near(self, ids: Collection[str]) -> dict[str, dict[str, float]]:
        found = await self._database.read(
            lambda connection: _lists(connection, dict.fromkeys(ids, 0))
        )
        return {one: found.get(one, EMPTY).entries for one in ids}

    async def near_anew(self, stamps: Mapping[str, int]) -> dict[str, NearList]:
        return (
            await self._database.read(lambda connection: _lists(connection, stamps))
            if stamps
            else {}
        )

    async def amend(self, changes: Mapping[str, Mapping[str, float | None]]) -> set[str]:
        return (
            await self._database.write(lambda connection: _amend(connection, changes))
            if changes
            else set()
        )

    async def unsettle(self, ids: Collection[str], now: datetime) -> None:
        mark = uuid4().hex
        statement = """INSERT INTO unsettled VALUES (?, ?, ?, 0)
            ON CONFLICT (article) DO UPDATE SET mark = excluded.mark, leased_until = 0"""
        rows = [(article_id, mark, to_micros(now)) for article_id in ids]
        if rows:
            await self._database.write(lambda connection: connection.executemany(statement, rows))

    async def hold(self, ids: Collection[str], now: datetime, lease: timedelta) -> list[Unsettled]:
        return (
            await self._database.write(lambda connection: _hold(connection, ids, now, lease))
            if ids
            else []
        )

    async def unsettled(self, now: datetime, lease: timedelta, limit: int) -> list[Unsettled]:
        return await self._database.write(lambda connection: _claim(connection, now, lease, limit))

    async def claimed(self, now: datetime) -> int:
        query, values = "SELECT count(*) FROM unsettled WHERE leased_until > ?", (to_micros(now),)
        (count,) = await self._database.read(
            lambda connection: connection.execute(query, values).fetchone()
        )
        return int(count)

    async def settled(self, done: Sequence[Unsettled]) -> None:
        statement = "DELETE FROM unsettled WHERE article = ? AND mark = ?"
        rows = [(one.article_id, one.mark) for one in done]
        if rows:
            await self._database.write(lambda connection: connection.executemany(statement, rows))

    async def unsettled_since(self) -> datetime | None:
        query = "SELECT min(since) FROM unsettled"
        (since,) = await self._database.read(
            lambda connection: connection.execute(query).fetchone()
        )
        return None if since is None else from_micros(since)

    async def relate(
        self, links: Sequence[Link], unrelated: Collection[tuple[str, str]] = ()
    ) -> None:
        if links or unrelated:
            await self._database.write(lambda connection: _relate(connection, links, unrelated))

    async def links(self, ids: Collection[str]) -> dict[str, list[Link]]:
        return links_of(ids, await self.links_around(ids))

    async def links_around(self, ids: Collection[str]) -> list[Link]:
        return (
            await self._database.read(lambda connection: _links_around(connection, ids))
            if ids
            else []
        )

    async def counts(self) -> dict[str, int]:
        query = """SELECT (SELECT count(*) FROM links), (SELECT count(*) FROM signatures),
            (SELECT count(*) FROM unsettled)"""
        row = await self._database.read(lambda connection: connection.execute(query).fetchone())
        return dict(zip(("links", "signatures", "unsettled"), row, strict=True))


def _get(connection: sqlite3.Connection, ids: Collection[str]) -> dict[str, Signature]:
    query = f"SELECT {_COLUMNS} FROM signatures JOIN json_each(?) ON article = value"
    return (
        {row[0]: _signature(row) for row in connection.execute(query, (_json([*ids]),))}
        if ids
        else {}
    )


def _versions(connection: sqlite3.Connection, ids: Collection[str]) -> dict[str, int]:
    query = """SELECT article, version FROM json_each(?) CROSS JOIN signatures INDEXED BY signature_versions
        WHERE article = value"""
    return dict(connection.execute(query, (_json([*ids]),)).fetchall())


def _moved_on(connection: sqlite3.Connection, versions: Mapping[str, int]) -> list[str]:
    query = """SELECT article FROM json_each(?) CROSS JOIN signatures INDEXED BY signature_versions
        WHERE article = key AND version <> value"""
    return [article_id for (article_id,) in connection.execute(query, (_json(versions),))]


def _save_all(connection: sqlite3.Connection, signatures: Sequence[Signature]) -> None:
    """One of a newer version stays. An article without a signature has no postings either."""
    latest = newest(signatures)
    standing = _versions(connection, latest)
    kept = {
        one: signature
        for one, signature in latest.items()
        if signature.version >= standing.get(one, 0)
    }
    before = _get(connection, kept.keys() & standing.keys())
    gone = "DELETE FROM postings WHERE term = ? AND published_at = ? AND article = ?"
    connection.executemany(gone, _postings(before.values()))
    connection.executemany(_SAVE, [_row(signature) for signature in kept.values()])
    connection.executemany(
        "INSERT OR IGNORE INTO postings VALUES (?, ?, ?)", _postings(kept.values())
    )


# Not REPLACE: that would write the second index anew where the version stays.
_SAVE = f"""INSERT INTO signatures ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (article) DO UPDATE SET version = excluded.version, published_at = excluded.published_at,
    terms = excluded.terms, vector = excluded.vector, column_key = excluded.column_key,
    meaning = excluded.meaning, sense = excluded.sense"""


def _row(signature: Signature) -> tuple[str, int, int, str, str, str, bytes, bytes]:
    return (
        signature.article_id,
        signature.version,
        to_micros(signature.published_at),
        _json(signature.terms),
        _json(dict(signature.vector)),
        signature.column,
        signature.meaning,
        signature.sense,
    )


def _postings(signatures: Iterable[Signature]) -> list[tuple[str, int, str]]:
    """In the order of their table."""
    times = ((signature, to_micros(signature.published_at)) for signature in signatures)
    return sorted(
        (term, at, signature.article_id) for signature, at in times for term in signature.terms
    )


_BEFORE = """SELECT article FROM postings
    WHERE term = value AND published_at BETWEEN :start AND :at AND article <> :article
    ORDER BY published_at DESC, article DESC LIMIT :limit"""
_AFTER = """SELECT article FROM postings
    WHERE term = value AND published_at BETWEEN :at + 1 AND :end AND article <> :article
    ORDER BY published_at, article LIMIT :limit"""
# A row a term, not one an id: each row that Python is handed costs as much as finding it. Ids hold no blanks.
_NEAR = f"""SELECT (SELECT group_concat(article, ' ') FROM ({_BEFORE})),
    (SELECT group_concat(article, ' ') FROM ({_AFTER})) FROM json_each(:terms)"""


def _near(
    connection: sqlite3.Connection, signature: Signature, reach: int, per_term: int
) -> set[str]:
    """For each term the nearest on either side, within reach."""
    at = to_micros(signature.published_at)
    values = {
        "terms": _json(signature.terms),
        "start": at - reach,
        "at": at,
        "end": at + reach,
        "article": signature.article_id,
        "limit": per_term,
    }
    sides = chain.from_iterable(connection.execute(_NEAR, values))
    return {one for ids in sides if ids for one in ids.split()}


def _lists(connection: sqlite3.Connection, stamps: Mapping[str, int]) -> dict[str, NearList]:
    query = """SELECT article, stamp, others, scores FROM json_each(?) CROSS JOIN near
        WHERE article = key AND stamp <> value"""
    rows = connection.execute(query, (_json(stamps),))
    return {
        one: NearList(stamp, others.split(), array("d", scores))
        for one, stamp, others, scores in rows
    }


def _amend(
    connection: sqlite3.Connection, changes: Mapping[str, Mapping[str, float | None]]
) -> set[str]:
    after, felt = amended(_lists(connection, dict.fromkeys(changes, 0)), changes)
    stamp = new_stamp()
    rows = [
        (one, stamp, " ".join(near.others), array("d", near.scores).tobytes())
        for one, near in after.items()
    ]
    connection.executemany("INSERT OR REPLACE INTO near VALUES (?, ?, ?, ?)", rows)
    return felt


def _hold(
    connection: sqlite3.Connection, ids: Collection[str], now: datetime, lease: timedelta
) -> list[Unsettled]:
    mark = uuid4().hex
    statement = "INSERT OR IGNORE INTO unsettled VALUES (?, ?, ?, ?)"
    values = (mark, to_micros(now), to_micros(now + lease))
    return [
        Unsettled(article_id, mark)
        for article_id in ids
        if connection.execute(statement, (article_id, *values)).rowcount
    ]


def _claim(
    connection: sqlite3.Connection, now: datetime, lease: timedelta, limit: int
) -> list[Unsettled]:
    query = """UPDATE unsettled SET leased_until = ?1 WHERE article IN (SELECT article FROM unsettled
        WHERE leased_until <= ?2 ORDER BY since, article LIMIT ?3) RETURNING article, mark"""
    rows = connection.execute(query, (to_micros(now + lease), to_micros(now), limit)).fetchall()
    return [Unsettled(article_id, mark) for article_id, mark in sorted(rows)]


# Not REPLACE: that would write the second index anew for a score that moved.
_LINK = """INSERT INTO links VALUES (?, ?, ?, ?)
    ON CONFLICT (a, b) DO UPDATE SET score = excluded.score, pinned = excluded.pinned"""


def _relate(
    connection: sqlite3.Connection, links: Sequence[Link], unrelated: Collection[tuple[str, str]]
) -> None:
    connection.executemany("DELETE FROM links WHERE a = ? AND b = ?", [*unrelated])
    rows = [(link.a, link.b, link.score, int(link.pinned)) for link in links]
    connection.executemany(_LINK, rows)


_AROUND = """SELECT a, b, score, pinned FROM json_each(?1) CROSS JOIN links ON a = value
    UNION ALL SELECT a, b, score, pinned FROM json_each(?1) CROSS JOIN links ON b = value"""


def _links_around(connection: sqlite3.Connection, ids: Collection[str]) -> list[Link]:
    rows = connection.execute(_AROUND, (_json([*ids]),))
    return [*{(a, b): Link(a, b, score, bool(pinned)) for a, b, score, pinned in rows}.values()]


def _signature(row: tuple[str, int, int, str, str, str, bytes, bytes]) -> Signature:
    article_id, version, published_at, terms, vector, column, meaning, sense = row
    return Signature(
        article_id=article_id,
        version=version,
        published_at=from_micros(published_at),
        terms=tuple(orjson.loads(terms)),
        vector=orjson.loads(vector),
        column=column,
        meaning=meaning,
        sense=sense,
    )


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
