"""Listings in SQLite. `listing_rows` writes them."""

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

import orjson

from shared.store.ports.article.listings import (
    UNDECIDED_HEAT,
    Listing,
    ListingLine,
    ListingQuery,
    Position,
)
from shared.store.sqlite.article.article_rows import read_articles
from shared.store.sqlite.article.decisions import read_decisions
from shared.store.sqlite.article.listing_queries import COLUMNS, find_lines, find_listings
from shared.store.sqlite.article.listing_rows import (
    list_article,
    list_decision,
    list_language,
    unlist,
)
from shared.store.sqlite.engine.database import Database
from shared.store.sqlite.engine.encoding import from_micros, from_optional_micros, to_json_array
from shared.store.sqlite.story.signatures import read_signatures


class SqliteListings:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(
        self, query: ListingQuery, after: Position | None = None, limit: int | None = 50
    ) -> list[Listing]:
        rows = await self._database.read(
            lambda connection: find_listings(connection, query, after, limit)
        )
        return [_listing(row) for row in rows]

    async def find_lines(self, query: ListingQuery) -> list[ListingLine]:
        rows = await self._database.read(lambda connection: find_lines(connection, query))
        return _build_lines(rows)

    async def get(self, ids: Collection[str]) -> dict[str, Listing]:
        query = f"SELECT {COLUMNS} FROM listings JOIN json_each(?) ON article = value"
        return await self._database.select_by_key(_listing, query, (to_json_array(ids),))

    async def get_last_revised(self) -> datetime | None:
        (micros,) = await self._database.fetch_one("SELECT max(revised_at) FROM listings")
        return from_optional_micros(micros)

    async def rebuild(self, ids: Collection[str]) -> None:
        if ids:
            await self._database.write(lambda connection: _rebuild(connection, ids))


def _rebuild(connection: sqlite3.Connection, ids: Collection[str]) -> None:
    unlist(connection, ids)
    for article in read_articles(connection, ids):
        list_article(connection, article)
    for signature in read_signatures(connection, ids).values():
        list_language(connection, signature)
    for decision in read_decisions(connection, ids):
        list_decision(connection, decision)


def _build_lines(rows: Iterable[Sequence[Any]]) -> list[ListingLine]:
    """A line for each row; a call for each of 100,000 would take half as long again."""
    lines: list[ListingLine] = []
    for article, published, heat, quality, relatives, at, title, problem in rows:
        is_published, known_heat = published == 1, None if heat == UNDECIDED_HEAT else heat
        decided = (article, is_published, known_heat, quality, relatives)
        lines.append(ListingLine._make((*decided, from_micros(at), title, problem)))
    return lines


def _listing(row: Sequence[Any]) -> Listing:
    """A list may have 100,000 of them, so they are made by place instead of by name."""
    article, version, title, slug, at, provider, topics, quality, problem, language, *decided = row
    published, heat, lead, relatives, revision, revised_at = decided
    return Listing._make(
        (
            article,
            version,
            title,
            slug,
            from_micros(at),
            provider,
            tuple(orjson.loads(topics)),
            quality,
            problem,
            language,
            bool(published),
            None if heat == UNDECIDED_HEAT else heat,
            lead,
            relatives,
            revision,
            from_optional_micros(revised_at),
        )
    )
