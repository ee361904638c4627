"""How SQLite plans queries that must not read more than they return, or no rows at all."""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from shared.clock import now
from shared.store import ActPosition, ListingQuery, Position, Store, connect
from shared.store.sqlite.engine.migrations import apply_step, list_missing_steps
from shared.store.sqlite.engine.schema import create_tables
from shared.store.sqlite.store import SqliteStore
from shared.store.sqlite.story.signatures import CANDIDATES


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    create_tables(connection)
    for number in list_missing_steps(connection):
        apply_step(connection, number)
    yield connection
    connection.close()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = connect(f"sqlite:///{tmp_path / 'seedwire.db'}")
    await opened.open()
    yield opened
    await opened.close()


async def trace(store: Store, part: str, method: str) -> list[str]:
    """The queries that a method without arguments runs."""
    assert isinstance(store, SqliteStore)
    queries: list[str] = []

    def start(connection: sqlite3.Connection) -> None:
        connection.set_trace_callback(queries.append)

    await store._database.read(start)
    await getattr(getattr(store, part), method)()
    return [query for query in queries if query.lstrip().startswith("SELECT")]


def explain(connection: sqlite3.Connection, query: str, values: object = ()) -> list[str]:
    rows = connection.execute(f"EXPLAIN QUERY PLAN {query}", values)  # type: ignore[call-overload]
    return [row[3] for row in rows]


def test_candidates_are_read_from_the_index_in_its_order_and_never_sorted(
    connection: sqlite3.Connection,
):
    values = {"terms": '["term"]', "start": 0, "at": 1, "end": 2, "article": "a", "limit": 64}
    plan = explain(connection, CANDIDATES, values)
    reads = [step for step in plan if "SEARCH" in step or step.startswith("SCAN postings")]
    search = "SEARCH postings USING PRIMARY KEY (term=? AND published_at>? AND published_at<?)"
    assert reads == [search, search], plan
    assert not any("B-TREE" in step for step in plan), plan


@pytest.mark.parametrize(
    ("part", "method"),
    [
        ("articles", "counts"),
        ("decisions", "counts"),
        ("stories", "counts"),
        ("pictures", "counts"),
        ("rejected", "count_by_state"),
        ("parked", "count"),
        ("links", "count"),
        ("signatures", "count"),
    ],
)
async def test_no_row_is_read_to_count(
    part: str, method: str, store: Store, connection: sqlite3.Connection
):
    queries = await trace(store, part, method)
    assert queries
    for query in queries:
        plan = explain(connection, query)
        reads = [step for step in plan if step.startswith(("SCAN", "SEARCH"))]
        for step in reads:
            assert "INDEX" in step or step == "SCAN CONSTANT ROW", plan


async def test_an_article_is_read_only_once_it_is_chosen(
    store: Store, connection: sqlite3.Connection
):
    """Those that wait for pictures too are passed over without their seeds."""
    assert isinstance(store, SqliteStore)
    queries: list[str] = []
    await store._database.read(lambda opened: opened.set_trace_callback(queries.append))
    await store.articles.find_waiting("decision", now(), unless=("images", "related"))
    (query,) = [query for query in queries if "seed" in query]
    plan = explain(connection, query)
    chosen = [step for step in plan if "articles" in step]
    assert chosen == ["SEARCH articles USING INDEX sqlite_autoindex_articles_1 (id=?)"], plan
    assert plan.index("SEARCH waiting USING COVERING INDEX pending_since (task=? AND since<?)") < (
        plan.index(chosen[0])
    ), plan


@pytest.mark.parametrize(
    "query",
    [
        ListingQuery(is_published=True),
        ListingQuery(),
        ListingQuery(order="heat"),
        ListingQuery(topic="a", provider="b", order="heat"),
        ListingQuery(search="two words", topic="a"),
    ],
)
async def test_a_page_of_a_list_is_read_in_its_order_and_never_sorted(
    query: ListingQuery, store: Store, connection: sqlite3.Connection
):
    assert isinstance(store, SqliteStore)
    queries: list[str] = []
    await store._database.read(lambda opened: opened.set_trace_callback(queries.append))
    await store.listings.find(query, Position(80, now(), "a"))
    statements = [statement for statement in queries if "ORDER BY" in statement]
    is_one_list = query.is_published or query.search  # a word has one list, published or not
    assert len(statements) == (1 if is_one_list else 2)
    for statement in statements:
        plan = explain(connection, statement)
        assert not any("B-TREE" in step for step in plan), plan
        assert "SEARCH listings USING PRIMARY KEY (article=?)" in plan, plan
        (source,) = [step for step in plan if "SEARCH source" in step]
        assert "published_at" in source or "heat" in source, plan


@pytest.mark.parametrize("subject", ["", "a1"])
async def test_a_page_of_the_log_is_read_in_its_order_and_never_sorted(
    subject: str, store: Store, connection: sqlite3.Connection
):
    assert isinstance(store, SqliteStore)
    queries: list[str] = []
    await store._database.read(lambda opened: opened.set_trace_callback(queries.append))
    await store.history.list_acts(subject, ActPosition(now(), "f1"))
    (statement,) = [statement for statement in queries if "ORDER BY" in statement]
    plan = explain(connection, statement)
    assert not any("B-TREE" in step or step.startswith("SCAN") for step in plan), plan
