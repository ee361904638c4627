"""What the adapter asks of MongoDB: the commands on the wire, of which the stand-in obeys few."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.clock import now
from shared.store import (
    AliasClaim,
    ArticleWrite,
    DecisionWrite,
    Store,
    Story,
    StoryEvent,
    StoryMove,
    connect,
)
from shared.store.mongo.engine.indexes import INDEXES
from tests.contract.store.builders import (
    LONG_AFTER,
    a_decision,
    a_first_write,
    a_heartbeat,
    a_parked_fetch,
    a_picture,
    a_rejected_record,
    a_revision,
    a_signature,
    an_article,
    at,
)
from tests.integration.store.mongo.mongo_proxy import Message, MongoProxy

pytestmark = pytest.mark.real

READS = {"find", "aggregate", "count", "distinct"}
WRITES = {"insert", "update", "delete", "findAndModify"}
LEASE = timedelta(minutes=5)


@pytest.fixture
async def store(proxy: MongoProxy, proxy_url: str) -> AsyncIterator[Store]:
    """Its URL asks for what must not happen: stale reads, and writes that one server has."""
    careless = f"{proxy_url}&readPreference=secondary&readConcernLevel=local&w=1"
    opened = connect(careless)
    await opened.open()
    yield opened
    await opened.close()


def select(proxy: MongoProxy, names: set[str], collection: str = "") -> list[Message]:
    selected = []
    for message in proxy.commands:
        is_chosen = not collection or message.collection == collection
        if message.name in names and is_chosen:
            selected.append(message)
    return selected


async def use_everything(store: Store) -> None:
    """At least one read and one write of each part of the store."""
    event = StoryEvent("s1", 1, "created", at(0), b"{}")
    await store.articles.claim_aliases([AliasClaim("a1", ("a1.example/x",))])
    await store.articles.save([a_first_write()])
    await store.articles.save([ArticleWrite(an_article(version=2), 1)])
    await store.articles.complete_stage("images", {"a1": 2})
    await store.articles.find("a1.example/x")
    await store.articles.list_page()
    await store.articles.find_unannounced()
    await store.articles.find_unannounced(["a1"], saved_before=LONG_AFTER)
    await store.articles.find_waiting("decision", LONG_AFTER, unless=("images", "related"))
    await store.articles.get_pending_versions("related", ["a1"])
    await store.articles.counts()
    await store.decisions.save([DecisionWrite(a_decision(), 1, a_revision())])
    await store.decisions.find_unannounced()
    await store.decisions.get(["a1"])
    await store.decisions.counts()
    await store.stories.move([StoryMove("a1", "", "s1")])
    await store.stories.save([Story("s1", 1, ("a1",), at(0), latest=event)])
    await store.stories.find_unannounced(["s1"])
    await store.stories.find_by_members(["a1"])
    await store.stories.counts()
    await store.signatures.save([a_signature()])
    await store.signatures.find_candidates([a_signature("b1")], timedelta(days=1), 5)
    await store.links.list_around(["a1"])
    await store.overrides.find_by_articles(["a1"])
    await store.pictures.save(a_picture(), b"bytes")
    await store.pictures.counts()
    await store.picture_bytes.get(a_picture().sha256)
    await store.picture_bytes.sweep_leftovers(datetime.now(UTC), remove=True)
    await store.parked.park([a_parked_fetch()])
    await store.parked.claim(at(1), LEASE, 5)
    await store.rejected.save([a_rejected_record(value=bytes(2 << 20))])
    await store.rejected.list_page()
    await store.workers.save_heartbeat(a_heartbeat())
    await store.workers.list_heartbeats()
    await store.rulesets.get_latest()


class TestConcerns:
    async def test_every_read_is_of_what_a_majority_has_from_the_primary(
        self, store: Store, proxy: MongoProxy
    ):
        await use_everything(store)
        reads = select(proxy, READS)
        assert {read.collection for read in reads} > {"articles", "decisions", "stories", "aliases"}
        for read in reads:
            assert read.command.get("readConcern") == {"level": "majority"}, read.command
            preference = read.command.get("$readPreference", {"mode": "primary"})
            assert preference["mode"].startswith("primary"), read.command

    async def test_every_write_waits_for_a_majority(self, store: Store, proxy: MongoProxy):
        await use_everything(store)
        writes = select(proxy, WRITES)
        assert len(writes) > 20
        for write in writes:
            assert write.command.get("writeConcern") == {"w": "majority"}, write.command

    async def test_gridfs_reads_and_writes_like_everything_else(
        self, store: Store, proxy: MongoProxy
    ):
        await store.pictures.save(a_picture(), b"bytes")
        assert await store.picture_bytes.get(a_picture().sha256) == b"bytes"
        for collection in ("picture_files.files", "picture_files.chunks"):
            reads = select(proxy, {"find"}, collection)
            assert reads
            for read in reads:
                assert read.command["readConcern"] == {"level": "majority"}
                preference = read.command.get("$readPreference", {"mode": "primary"})
                assert preference["mode"].startswith("primary")


class TestClaimsOfParkedFetches:
    async def test_they_are_claimed_in_bulk(self, store: Store, proxy: MongoProxy):
        await store.parked.park([a_parked_fetch(url=str(number)) for number in range(300)])
        proxy.commands.clear()
        assert len(await store.parked.claim(at(1), LEASE, 200)) == 200
        assert [message.name for message in select(proxy, READS | WRITES)] == [
            "find",
            "update",
            "find",
        ]

    async def test_they_are_found_in_the_order_of_an_index(self, store: Store, proxy: MongoProxy):
        await store.parked.park([a_parked_fetch()])
        proxy.commands.clear()
        await store.parked.claim(at(1), LEASE, 5)
        find = select(proxy, {"find"}, "parked")[0].command
        index = find_index("parked", "due_lease")
        assert list(find["sort"]) == index[:2]
        assert set(find["filter"]) <= set(index)


class TestWaitingArticles:
    async def test_those_that_wait_for_a_decision_alone_are_found_in_an_index(
        self, store: Store, proxy: MongoProxy
    ):
        proxy.commands.clear()
        await store.articles.find_waiting("decision", now(), unless=("images", "related"))
        (find,) = select(proxy, {"find"}, "articles")
        index = find_index("articles", "pending_decision_alone")
        equal, ordered = index[:2], index[2:]
        assert find.command["filter"] == {
            "pending.decision": {"$lt": find.command["filter"]["pending.decision"]["$lt"]},
            **{field: {"$exists": False} for field in equal},
        }
        assert list(find.command["sort"]) == ordered


class TestCounts:
    @pytest.mark.parametrize(
        ("part", "collection"),
        [
            ("articles", "articles"),
            ("decisions", "decisions"),
            ("stories", "stories"),
            ("pictures", "pictures"),
            ("rejected", "rejected"),
            ("parked", "parked"),
            ("links", "links"),
            ("signatures", "signatures"),
        ],
    )
    async def test_no_document_is_read_to_count(
        self, part: str, collection: str, store: Store, proxy: MongoProxy
    ):
        """Counts come from metadata, or from an index on what is counted."""
        counting = getattr(store, part)
        proxy.commands.clear()
        await (counting.counts() if hasattr(counting, "counts") else counting.count())
        assert select(proxy, {"find", "distinct"}) == []
        leading = {next(iter(model.document["key"])) for model in INDEXES.get(collection, ())}
        for aggregate in select(proxy, {"aggregate"}):
            match = aggregate.command["pipeline"][0]["$match"]
            assert match, aggregate.command
            assert set(match) <= leading, aggregate.command


class TestLongLists:
    async def test_ids_are_looked_up_in_parts_that_fit_into_a_command(
        self, store: Store, proxy: MongoProxy
    ):
        """Each with fewer than 16 MB: longer ones MongoDB refuses, and the stand-in does not."""
        urls = [f"https://l.example/{'x' * 4000}/{number}" for number in range(6_000)]
        proxy.commands.clear()
        await store.pictures.get(urls)
        await store.articles.touch(urls)
        parts = [find.command["filter"]["_id"]["$in"] for find in select(proxy, {"find"})]
        for update in select(proxy, {"update"}):
            parts += [statement["q"]["_id"]["$in"] for statement in update.statements]
        assert sum(map(len, parts)) == 2 * len(urls)
        assert max(sum(map(len, part)) for part in parts) < 8 << 20


def find_index(collection: str, name: str) -> list[Any]:
    """The fields of an index."""
    for model in INDEXES[collection]:
        if model.document["name"] == name:
            return list(model.document["key"])
    raise AssertionError(f"{collection} has no index {name}")
