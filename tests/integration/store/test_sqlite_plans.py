"""How SQLite goes about the search for candidates: it must not read more than it returns."""

import sqlite3

import pytest

from shared.store.sqlite.relations import _AFTER, _BEFORE
from shared.store.sqlite.schema import SCHEMA


@pytest.fixture
def connection():
    connection = sqlite3.connect(":memory:")
    for statement in SCHEMA:
        connection.execute(statement)
    yield connection
    connection.close()


@pytest.mark.parametrize("query", [_BEFORE, _AFTER])
def test_candidates_are_read_off_the_index_in_its_order_and_never_sorted(connection: sqlite3.Connection, query: str):
    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {query}", ("term", 0, 1, "a", 64))]
    assert len(plan) == 1, plan
    assert plan[0].startswith("SEARCH postings USING PRIMARY KEY (term=? AND published_at>? AND published_at<?)"), plan
