"""Finding a page of listings in SQLite: one index is read in the order of the list."""

import heapq
import sqlite3
from collections.abc import Sequence
from itertools import islice
from operator import itemgetter
from typing import Any, Final, Literal, NamedTuple

from shared.store.listing_content import EVERY_ARTICLE, list_query_facets, split_words
from shared.store.ports.article.listings import ListingQuery, Order, Position
from shared.store.sqlite.engine.encoding import to_micros, to_sql_limit

COLUMNS: Final = """article, version, title, slug, listings.published_at, provider, topics, quality,
    problem, language, listings.published, listings.heat, lead, relatives, revision, revised_at"""
_PUBLISHED_AT, _PUBLISHED, _HEAT = 4, 10, 11  # their places among the columns
_LINE: Final = ("article", "published", "heat", "quality", "relatives", "published_at", "title")
_LINE_COLUMNS: Final = f"{', '.join(_LINE)}, problem"

# Of several keys the rarest is read, and the others are looked up for each of its articles. One
# with this many articles is as good as any.
_ENOUGH: Final = 1_000

# What makes the order, the most significant first.
_ORDERS: Final = {
    "time": ("published_at", "article"),
    "heat": ("heat", "published_at", "article"),
}

_HAS: Final = {
    "listed": """EXISTS (SELECT 1 FROM listed AS other WHERE other.facet = :key{}
        AND other.published = listings.published AND other.published_at = source.published_at
        AND other.article = source.article)""",
    "title_words": """EXISTS (SELECT 1 FROM title_words AS other WHERE other.word = :key{}
        AND other.published_at = source.published_at AND other.article = source.article)""",
}


class _Key(NamedTuple):
    """A facet or a word, and where its articles are."""

    table: Literal["listed", "title_words"]
    column: Literal["facet", "word"]
    value: str


_EVERY: Final = _Key("listed", "facet", EVERY_ARTICLE)


def find_listings(
    connection: sqlite3.Connection, query: ListingQuery, after: Position | None, limit: int | None
) -> list[Sequence[Any]]:
    """Rows of COLUMNS, in order. Without a publication state, two lists are merged.

    Not where a word is read: its articles are in one list, published or not.
    """
    keys = _list_keys(query)
    if limit is None and after is None and keys == [_EVERY]:
        return _read_all(connection, query)
    if query.search and not any(key.table == "title_words" for key in keys):
        return []
    if len(keys) > 1:
        keys.sort(key=lambda key: _count(connection, key))
    states = _list_states(query, keys[0])
    statement = _build_statement(query.order, keys, after is not None, has_state=states != [None])
    values = _build_values(keys, after, limit)
    pages = []
    for state in states:
        pages.append(connection.execute(statement, {**values, "state": state}).fetchall())
    if len(pages) == 1:
        return list(pages[0])
    order = _by_heat if query.order == "heat" else _by_time
    return list(islice(heapq.merge(*pages, key=order, reverse=True), limit))


def find_lines(connection: sqlite3.Connection, query: ListingQuery) -> list[Sequence[Any]]:
    """Rows of _LINE_COLUMNS for every article of the list, in order."""
    if _list_keys(query) != [_EVERY]:
        return [_cut(row) for row in find_listings(connection, query, None, None)]
    statement = f"SELECT {_LINE_COLUMNS} FROM listings WHERE published = ?1 OR ?1 IS NULL"
    rows = connection.execute(statement, (query.is_published,)).fetchall()
    for column in reversed(_ORDERS[query.order]):  # stable, and quicker than to compare tuples
        rows.sort(key=itemgetter(_LINE.index(column)), reverse=True)
    return rows


def _cut(row: Sequence[Any]) -> Sequence[Any]:
    """Of a row of COLUMNS those of _LINE_COLUMNS."""
    article, _, title, _, at, _, _, quality, problem, _, published, heat, _, relatives, *_ = row
    return article, published, heat, quality, relatives, at, title, problem


def _read_all(connection: sqlite3.Connection, query: ListingQuery) -> list[Sequence[Any]]:
    """The whole table is read as it lies and then sorted: an index would lead all over it."""
    statement = f"SELECT {COLUMNS} FROM listings WHERE published = ?1 OR ?1 IS NULL"
    rows = connection.execute(statement, (query.is_published,)).fetchall()
    return sorted(rows, key=_by_heat if query.order == "heat" else _by_time, reverse=True)


def _list_keys(query: ListingQuery) -> list[_Key]:
    """What an article of the list is found by, all of it."""
    words = [_Key("title_words", "word", word) for word in split_words(query.search)]
    facets = [_Key("listed", "facet", facet) for facet in list_query_facets(query)]
    if words and facets == [_EVERY]:
        return words
    return [*words, *facets]


def _count(connection: sqlite3.Connection, key: _Key) -> int:
    counted = f"SELECT count(*) FROM (SELECT 1 FROM {key.table} WHERE {key.column} = ? LIMIT ?)"
    (count,) = connection.execute(counted, (key.value, _ENOUGH)).fetchone()
    return int(count)


def _list_states(query: ListingQuery, first: _Key) -> Sequence[int | None]:
    if query.is_published is None and first.table == "title_words":
        return [None]
    return [0, 1] if query.is_published is None else [int(query.is_published)]


def _by_time(row: Sequence[Any]) -> tuple[Any, ...]:
    return row[_PUBLISHED_AT], row[0]


def _by_heat(row: Sequence[Any]) -> tuple[Any, ...]:
    return row[_HEAT], row[_PUBLISHED_AT], row[0]


def _build_statement(
    order: Order, keys: Sequence[_Key], is_continued: bool, has_state: bool
) -> str:
    """Read the rows of the first key in the order of the list, and look for the others of each."""
    first = keys[0]
    columns = [f"source.{name}" for name in _ORDERS[order]]
    conditions = [f"source.{first.column} = :key0"]
    if has_state:
        conditions.append("listings.published = :state")
    if first.table == "listed":  # words are in the order of time alone
        conditions.append("source.published = :state")
    if is_continued:
        marks = ", ".join(f":after_{name}" for name in _ORDERS[order])
        conditions.append(f"({', '.join(columns)}) < ({marks})")
    for number, key in enumerate(keys[1:], start=1):
        conditions.append(_HAS[key.table].format(number))
    return f"""SELECT {COLUMNS} FROM {first.table} AS source CROSS JOIN listings USING (article)
        WHERE {" AND ".join(conditions)}
        ORDER BY {", ".join(f"{column} DESC" for column in columns)} LIMIT :limit"""


def _build_values(
    keys: Sequence[_Key], after: Position | None, limit: int | None
) -> dict[str, Any]:
    values: dict[str, Any] = {"limit": to_sql_limit(limit)}
    values |= {f"key{number}": key.value for number, key in enumerate(keys)}
    if after is not None:
        values["after_heat"] = after.heat
        values["after_published_at"] = to_micros(after.published_at)
        values["after_article"] = after.article_id
    return values
