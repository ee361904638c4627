"""How SQLite plans the search for candidates: it must not read more than it returns."""

import sqlite3
from collections.abc import Iterator

import pytest

from shared.store.sqlite.schema import SCHEMA
from shared.store.sqlite.signatures import CANDIDATES


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    for statement in SCHEMA:
        connection.execute(statement)
    yield connection
    connection.close()


def test_candidates_are_read_from_the_index_in_its_order_and_never_sorted(
    connection: sqlite3.Connection,
):
    values = {"terms": '["term"]', "start": 0, "at": 1, "end": 2, "article": "a", "limit": 64}
    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {CANDIDATES}", values)]
    reads = [step for step in plan if "SEARCH" in step or step.startswith("SCAN postings")]
    search = "SEARCH postings USING PRIMARY KEY (term=? AND published_at>? AND published_at<?)"
    assert reads == [search, search], plan
    assert not any("B-TREE" in step for step in plan), plan
