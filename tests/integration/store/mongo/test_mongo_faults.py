"""What MongoDB does on a bad day, and its stand-in never does: the store is unavailable or copes.

Repeating the write gives the right state. A proxy puts the faults on the wire: errors instead of
execution, execution without an answer, half a bulk write.
"""

from collections.abc import AsyncIterator

import pytest

from services.ingest.handlers import IngestHandler
from shared.broker.records import Record
from shared.clock import now
from shared.errors import StoreUnavailable, UnprocessableRecord
from shared.store import ArticleWrite, DecisionWrite, Store, connect
from tests.contract.store.builders import (
    T0,
    a_decision,
    a_first_write,
    a_parked_fetch,
    a_rejected_record,
    a_revision,
    a_signature,
    an_article,
)
from tests.integration.store.mongo.mongo_proxy import Fault, MongoProxy, refuse, report_written
from tests.integration.store.mongo.mongo_writes import WRITES, Write, read_article, save_article

pytestmark = pytest.mark.real

DUPLICATE, CONFLICT, BAD_VALUE = 11000, 112, 2
TRANSIENT = [
    (112, "WriteConflict"),
    (10107, "NotWritablePrimary"),
    (13435, "NotPrimaryNoSecondaryOk"),
    (189, "PrimarySteppedDown"),
    (11602, "InterruptedDueToReplStateChange"),
    (11600, "InterruptedAtShutdown"),
    (91, "ShutdownInProgress"),
    (262, "ExceededTimeLimit"),
    (50, "MaxTimeMSExpired"),
    (43, "CursorNotFound"),
    (14031, "OutOfDiskSpace"),
    (365, "TemporarilyUnavailable"),
    (317, "ConnectionPoolExpired"),
    (371, "UserWritesBlocked"),
    (46, "LockBusy"),
    (987654, "KnownToNoVersionYet"),
]
TOO_LARGE = [(10334, "BSONObjectTooLarge"), (17419, "Location17419"), (17420, "Location17420")]


@pytest.fixture
async def store(proxy: MongoProxy, store_url: str) -> AsyncIterator[Store]:
    """Behind the proxy, with a short timeout of its own."""
    opened = connect(proxy.url(store_url.rpartition("/")[2], socketTimeoutMS=1500))
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def other(store: Store, store_url: str) -> AsyncIterator[Store]:
    """Another writer on the same store, past the proxy, so that it meets no fault."""
    opened = connect(store_url)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture(params=WRITES)
async def write(request: pytest.FixtureRequest, store: Store) -> Write:
    chosen = WRITES[request.param]
    if chosen.before:
        await chosen.before(store)
    return chosen


@pytest.fixture
async def expected(write: Write, mongo: str, request: pytest.FixtureRequest) -> object:
    """What the same write leaves in a store that meets no fault."""
    clean = connect(f"{mongo}/test-clean-{abs(hash(request.node.name)):x}")
    await clean.open()
    try:
        if write.before:
            await write.before(clean)
        await write.make(clean)
        return await write.read(clean)
    finally:
        await clean.close()


async def test_a_write_whose_answer_was_lost_may_be_repeated(
    write: Write, store: Store, proxy: MongoProxy, expected: object
):
    proxy.arm(Fault(write.command, write.collection))
    with pytest.raises(StoreUnavailable):
        await write.make(store)
    assert proxy.armed == 0
    await write.make(store)
    assert await write.read(store) == expected


@pytest.mark.parametrize("write", ["first version", "decision"], indirect=True)
async def test_a_write_whose_answer_timed_out_may_be_repeated(
    write: Write, store: Store, proxy: MongoProxy, expected: object
):
    proxy.arm(Fault(write.command, write.collection, silent=True))
    with pytest.raises(StoreUnavailable, match="timed out"):
        await write.make(store)
    await write.make(store)
    assert await write.read(store) == expected


async def test_a_write_that_did_not_happen_may_be_repeated(
    write: Write, store: Store, proxy: MongoProxy, expected: object
):
    proxy.arm(Fault(write.command, write.collection, executed=0))
    with pytest.raises(StoreUnavailable):
        await write.make(store)
    await write.make(store)
    assert await write.read(store) == expected


@pytest.mark.parametrize(("code", "name"), TRANSIENT, ids=[name for _, name in TRANSIENT])
async def test_a_server_that_refuses_for_now_is_unavailable(
    code: int, name: str, store: Store, proxy: MongoProxy
):
    await save_article(store)
    for command in ("find", "update"):
        proxy.arm(Fault(command, "articles", executed=0, answer=refuse(code, name)))
    with pytest.raises(StoreUnavailable):
        await store.articles.get(["a1"])
    with pytest.raises(StoreUnavailable):
        await store.articles.mark_announced({"a1": 1})
    await store.articles.mark_announced({"a1": 1})
    assert await store.articles.find_unannounced() == []


@pytest.mark.parametrize(("code", "name"), TOO_LARGE)
class TestADocumentThatBecomesTooLarge:
    """MongoDB refuses it at 16 MB, which the stand-in does not."""

    async def test_is_the_records_fault_if_it_is_so_by_itself(
        self, code: int, name: str, store: Store, proxy: MongoProxy
    ):
        await store.decisions.save([DecisionWrite(a_decision(), 0)])
        await store.parked.park([a_parked_fetch()])
        for collection in ("decisions", "parked"):
            fault = Fault("update", collection, executed=0, answer=refuse(code, name))
            proxy.arm(fault)
        write = DecisionWrite(a_decision(stamp=2), 0, a_revision())
        with pytest.raises(UnprocessableRecord, match=name):
            await store.decisions.save([write])
        with pytest.raises(UnprocessableRecord, match=name):
            await store.parked.park([a_parked_fetch()])

    async def test_waits_if_it_is_so_for_what_was_not_announced_yet(
        self, code: int, name: str, store: Store, proxy: MongoProxy
    ):
        await store.decisions.save([DecisionWrite(a_decision(), 0, a_revision())])
        proxy.arm(Fault("update", "decisions", executed=0, answer=refuse(code, name)))
        write = DecisionWrite(a_decision(stamp=2), 0, a_revision(number=2))
        with pytest.raises(StoreUnavailable, match="wait for their announcement"):
            await store.decisions.save([write])
        await store.decisions.mark_announced({"a1": 1})
        assert await store.decisions.save([write]) == [True]


async def test_a_write_that_no_majority_acknowledged_does_not_count_as_made(
    store: Store, proxy: MongoProxy
):
    await save_article(store)
    error = {"code": 64, "codeName": "WriteConcernTimeout", "errmsg": "timed out"}
    proxy.arm(Fault("update", "articles", answer={**report_written(1), "writeConcernError": error}))
    second_version = ArticleWrite(an_article(version=2), 1)
    with pytest.raises(StoreUnavailable):
        await store.articles.save([second_version])
    # it is in the store, so the repeat loses and the caller reads it
    assert await store.articles.save([second_version]) == [False]
    assert (await read_article(store)).version == 2


RECORDS = [a_rejected_record(f"c/seeds/0/{number}", offset=number) for number in range(4)]


class TestHalfABulkWrite:
    @pytest.mark.parametrize("executed", [1, 3])
    async def test_what_was_written_stays_and_the_rest_follows(
        self, executed: int, store: Store, proxy: MongoProxy
    ):
        proxy.arm(Fault("update", "rejected", executed=executed))
        with pytest.raises(StoreUnavailable):
            await store.rejected.save(RECORDS)
        assert len(await store.rejected.list_page()) == executed
        await store.rejected.save(RECORDS)
        assert await store.rejected.list_page() == RECORDS

    async def test_a_conflict_beside_duplicates_is_repeated(
        self, store: Store, other: Store, proxy: MongoProxy
    ):
        await other.rejected.save(RECORDS[:1])
        errors = ((0, DUPLICATE), (2, CONFLICT), (3, CONFLICT))
        answer = report_written(1, *errors, upserted=((1, RECORDS[1].id),))
        proxy.arm(Fault("update", "rejected", executed=2, answer=answer))
        with pytest.raises(StoreUnavailable):
            await store.rejected.save(RECORDS)
        await store.rejected.save(RECORDS)
        assert await store.rejected.list_page() == RECORDS

    async def test_articles_that_another_inserted_first_lose_and_no_others(
        self, store: Store, other: Store, proxy: MongoProxy
    ):
        theirs = a_first_write("a1", seed=b"---\ntitle: theirs\n---\n")

        async def insert_meanwhile() -> None:
            await other.articles.save([theirs])

        answer = report_written(1, (0, DUPLICATE), upserted=((1, "b1"),))
        proxy.arm(Fault("update", "articles", before=insert_meanwhile, answer=answer))
        writes = [a_first_write("a1"), a_first_write("b1")]
        assert await store.articles.save(writes) == [False, True]
        assert (await read_article(store)).seed == theirs.article.seed

    async def test_what_can_never_be_kept_is_not_an_unavailable_store(
        self, store: Store, proxy: MongoProxy
    ):
        answer = report_written(0, (0, BAD_VALUE), (1, DUPLICATE))
        proxy.arm(Fault("update", "rejected", executed=0, answer=answer))
        with pytest.raises(UnprocessableRecord, match="code 2, by the proxy"):
            await store.rejected.save(RECORDS[:2])


class TestUpsertsThatLoseTheRace:
    async def test_are_repeated_as_updates(self, store: Store, other: Store, proxy: MongoProxy):
        async def park_meanwhile() -> None:
            await other.parked.park([a_parked_fetch(attempts=1)])

        lost = report_written(0, (0, DUPLICATE))
        proxy.arm(Fault("update", "parked", executed=0, before=park_meanwhile, answer=lost))
        await store.parked.park([a_parked_fetch(attempts=2)])
        assert [fetch.attempts for fetch in await store.parked.list_earliest()] == [2]

    async def test_without_end_make_the_store_unavailable(self, store: Store, proxy: MongoProxy):
        lost = report_written(0, (0, DUPLICATE))
        for _ in range(5):
            proxy.arm(Fault("update", "parked", executed=0, answer=lost))
        with pytest.raises(StoreUnavailable, match="lost to other writers"):
            await store.parked.park([a_parked_fetch()])

    async def test_a_signature_saved_meanwhile_is_replaced_by_a_newer_one(
        self, store: Store, other: Store, proxy: MongoProxy
    ):
        async def save_meanwhile() -> None:
            await other.signatures.save([a_signature(version=1)])

        lost = report_written(0, (0, DUPLICATE))
        proxy.arm(Fault("update", "signatures", executed=0, before=save_meanwhile, answer=lost))
        await store.signatures.save([a_signature(version=2)])
        assert (await store.signatures.get(["a1"]))["a1"].version == 2


SEED = (
    b'---\ntitle: "A bridge"\npublishedDateTime: 2026-03-03T08:05:00Z\n'
    b'webUrl: "https://l.example/bridge"\n---\n'
)


@pytest.mark.parametrize(
    ("command", "collection"), [("update", "aliases"), ("update", "articles"), ("find", "articles")]
)
@pytest.mark.parametrize("executed", [None, 0], ids=["answer lost", "not executed"])
async def test_a_drop_that_is_ingested_again_is_one_article_with_the_same_answer(
    command: str, collection: str, executed: int | None, store: Store, proxy: MongoProxy
):
    """After the store was unavailable, ingest's batch is repeated whole, as the worker does it."""
    ingest = IngestHandler(clock=now, overdue_seconds=30)
    record = Record("c", "seeds", 0, 7, T0, None, SEED)
    proxy.arm(Fault(command, collection, executed=executed))
    with pytest.raises(StoreUnavailable):
        await ingest.handle([record], store)
    events = await ingest.handle([record], store)
    (article,) = await store.articles.list_page()
    assert (article.version, article.pending >= {"announcement"}) == (1, True)
    assert sorted(event.topic for event in events) == ["articles.ingested", "seeds.receipts"]
    assert any(b'"accepted"' in (event.value or b"") for event in events)
