"""Every list that people read comes out of an index in its order, and no write of one scans.

The stand-in does not explain its plans, so the commands on the wire are held against the indexes,
by MongoDB's rule for compound indexes: fields with one value, then those of the sort, then ranges.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.store import DecisionWrite, ListingQuery, Position, Store, connect
from shared.store.mongo.engine.indexes import INDEXES
from shared.store.ports.article.listings import Order
from tests.contract.store.builders import a_decision, a_first_write, a_signature
from tests.integration.store.mongo.mongo_proxy import Message, MongoProxy

pytestmark = pytest.mark.real

Command = dict[str, Any]

AFTER = Position(90, datetime(2026, 3, 2, tzinfo=UTC), "a1")
IN_BOTH_ORDERS: list[dict[str, Any]] = [
    {},
    {"is_published": True},
    {"topic": "ports"},
    {"is_published": True, "topic": "ports"},
    {"is_published": True, "topic": "ports", "provider": "Tide"},
    {"is_published": True, "language": "en"},
    {"is_published": True, "slug": "bridge"},
]
SEARCHES: list[dict[str, Any]] = [
    {"search": "bridge"},
    {"is_published": True, "search": "the bridge"},
    {"is_published": True, "search": "bridge", "topic": "ports"},
]
ORDERS: tuple[Order, ...] = ("time", "heat")
QUERIES = [
    *(ListingQuery(**fields, order=order) for fields in IN_BOTH_ORDERS for order in ORDERS),
    *(ListingQuery(**fields) for fields in SEARCHES),
]


@pytest.fixture
async def store(proxy: MongoProxy, proxy_url: str) -> AsyncIterator[Store]:
    opened = connect(proxy_url)
    await opened.open()
    await opened.articles.save([a_first_write()])
    yield opened
    await opened.close()


def list_commands(proxy: MongoProxy, name: str) -> list[Message]:
    commands = [message for message in proxy.commands if message.name == name]
    return [message for message in commands if message.collection == "articles"]


def find_index(command: Command) -> str | None:
    """The index from which MongoDB reads what the command asks for, in its order."""
    for index in INDEXES["articles"]:
        fields = [field for field, _ in index.document["key"].items()]
        if _serves(fields, command["filter"], [*command.get("sort", {})]):
            return str(index.document["name"])
    return None


def _serves(fields: list[str], conditions: Command, sort: list[str]) -> bool:
    bound = 0
    while bound < len(fields) and _has_points(conditions.get(fields[bound])):
        bound += 1
    unsorted = [field for field in sort if field not in fields[:bound]]
    is_sorted = fields[bound : bound + len(unsorted)] == unsorted
    return bound > 0 and is_sorted


def _has_points(condition: Any) -> bool:
    """Whether MongoDB looks at single values of the field, and so keeps the order behind it."""
    if not isinstance(condition, dict):
        return condition is not None
    return bool({"$in", "$all"} & condition.keys())


@pytest.mark.parametrize("after", [None, AFTER], ids=["first page", "later page"])
@pytest.mark.parametrize("query", QUERIES, ids=str)
async def test_a_page_is_read_from_an_index_in_its_order(
    store: Store, proxy: MongoProxy, query: ListingQuery, after: Position | None
):
    before = len(list_commands(proxy, "find"))
    await store.listings.find(query, after, 50)
    found = list_commands(proxy, "find")[before:]
    assert found
    for message in found:
        assert find_index(message.command) is not None, message.command
        assert 0 < message.command["limit"] <= 50
    for message in list_commands(proxy, "aggregate"):
        assert any("$limit" in stage for stage in message.command["pipeline"]), message.command


async def test_the_time_of_the_last_revision_is_one_step_in_an_index(
    store: Store, proxy: MongoProxy
):
    await store.listings.get_last_revised()
    command = list_commands(proxy, "find")[-1].command
    assert (command["sort"], command["limit"]) == ({"decided.revisedAt": -1}, 1)
    first_fields = [next(iter(index.document["key"])) for index in INDEXES["articles"]]
    assert "decided.revisedAt" in first_fields


async def test_whatever_writes_a_listing_names_its_article(store: Store, proxy: MongoProxy):
    await store.decisions.save([DecisionWrite(a_decision(published=True, heat=80), touches=-1)])
    await store.signatures.save([a_signature("a1")])
    await store.listings.rebuild(["a1"])
    statements = []
    for message in list_commands(proxy, "update"):
        statements += message.statements
    assert len(statements) >= 3
    for statement in statements:
        assert "_id" in statement["q"], statement


def test_an_order_that_no_index_has_is_noticed():
    command = {"filter": {"listed.facets": "x"}, "sort": {"listed.publishedAt": -1}}
    assert find_index(command) is None  # decided.published stands between the two
    assert find_index({"filter": {"listed.title": "x"}, "sort": {}}) is None
