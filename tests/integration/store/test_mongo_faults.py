"""What MongoDB does on a bad day, and its stand-in never: each is away or handled, and a repeat gives the right state.

Faults are put on the wire by a proxy: errors instead of execution, execution without an answer, half a bulk.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest

from services.ingest.handlers import Ingest
from shared.broker.records import Record
from shared.clock import now
from shared.errors import StoreAway, Unprocessable
from shared.store import Claim, Link, Save, Store, Verdict, connect
from tests.contract.store.build import (
    LONG_AFTER,
    T0,
    a_decision,
    a_picture,
    a_piece,
    a_publication,
    a_rejected,
    a_signature,
    an_article,
    new,
)
from tests.mongo_proxy import Fault, MongoProxy, refusal, written

pytestmark = pytest.mark.real

DUPLICATE, CONFLICT, BAD_VALUE = 11000, 112, 2
PASSING = [
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
]


@pytest.fixture
async def proxy(mongo: str) -> AsyncIterator[MongoProxy]:
    place = urlsplit(mongo)
    assert place.hostname
    async with MongoProxy(place.hostname, place.port or 27017) as running:
        yield running


@pytest.fixture
async def store(proxy: MongoProxy, new_store: str) -> AsyncIterator[Store]:
    """Behind the proxy, with a time-out of its own that is short."""
    opened = connect(proxy.url(new_store.rpartition("/")[2], socketTimeoutMS=1500))
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def other(store: Store, new_store: str) -> AsyncIterator[Store]:
    """Another writer on the same store, whom no fault meets."""
    opened = connect(new_store)
    await opened.open()
    yield opened
    await opened.close()


@dataclass(frozen=True)
class Write:
    """A write of the port, the command it becomes, and what must be there in the end."""

    command: str
    collection: str
    make: Callable[[Store], Awaitable[object]]
    seen: Callable[[Store], Awaitable[object]]
    before: Callable[[Store], Awaitable[object]] | None = None


async def _saved(store: Store) -> object:
    await store.articles.claim([Claim("a1", ("a1.example/x",))])
    return await store.articles.save([new()])


async def _decided(store: Store) -> object:
    return await store.decisions.save([Verdict(a_decision(), 1, a_publication())])


async def _article(store: Store) -> Any:
    return (await store.articles.get(["a1"]))["a1"]


WRITES = {
    "claim": Write(
        "update",
        "aliases",
        lambda s: s.articles.claim([Claim("a1", ("a1.example/x",))]),
        lambda s: s.articles.resolve(["a1.example/x"]),
    ),
    "first version": Write("update", "articles", _saved, _article),
    "next version": Write(
        "update",
        "articles",
        lambda s: s.articles.save([Save(an_article(version=2), 1)]),
        _article,
        before=_saved,
    ),
    "announced": Write(
        "update",
        "articles",
        lambda s: s.articles.announced({"a1": 1}),
        lambda s: s.articles.waiting("announcement", LONG_AFTER),
        before=_saved,
    ),
    "enriched": Write(
        "update",
        "articles",
        lambda s: s.articles.enriched("images", {"a1": 1}, []),
        _article,
        before=_saved,
    ),
    "decision": Write("insert", "decisions", _decided, lambda s: s.decisions.due(["a1"])),
    "next decision": Write(
        "update",
        "decisions",
        lambda s: s.decisions.save([Verdict(a_decision(stamp=2), 1, a_publication(revision=2))]),
        lambda s: s.decisions.due(["a1"]),
        before=_decided,
    ),
    "revision announced": Write(
        "update",
        "decisions",
        lambda s: s.decisions.announced({"a1": 1}),
        lambda s: s.decisions.due(["a1"]),
        before=_decided,
    ),
    "parked": Write(
        "update", "parked", lambda s: s.parked.park([a_piece()]), lambda s: s.parked.page()
    ),
    "rejected": Write(
        "update", "rejected", lambda s: s.rejected.save([a_rejected()]), lambda s: s.rejected.page()
    ),
    "picture": Write(
        "update",
        "picture_bytes",
        lambda s: s.pictures.save(a_picture(), b"bytes"),
        lambda s: s.bytes.get("ab" * 32),
    ),
    "signature": Write(
        "update",
        "signatures",
        lambda s: s.relations.save([a_signature()]),
        lambda s: s.relations.get(["a1"]),
    ),
    "links": Write(
        "update",
        "links",
        lambda s: s.relations.relate([Link("a1", "b1", 0.5)]),
        lambda s: s.relations.links(["a1", "b1"]),
    ),
}


@pytest.fixture(params=WRITES)
async def write(request: pytest.FixtureRequest, store: Store) -> Write:
    chosen = WRITES[request.param]
    if chosen.before:
        await chosen.before(store)
    return chosen


async def as_without_fault(write: Write, mongo: str, request: pytest.FixtureRequest) -> object:
    """What the same write leaves in a store that nothing happens to."""
    clean = connect(f"{mongo}/test-clean-{abs(hash(request.node.name)):x}")
    await clean.open()
    try:
        if write.before:
            await write.before(clean)
        await write.make(clean)
        return await write.seen(clean)
    finally:
        await clean.close()


async def test_a_write_that_happened_unseen_may_be_repeated(
    write: Write, store: Store, proxy: MongoProxy, mongo: str, request: pytest.FixtureRequest
):
    proxy.arm(Fault(write.command, write.collection))
    with pytest.raises(StoreAway):
        await write.make(store)
    assert proxy.left == 0
    await write.make(store)
    assert await write.seen(store) == await as_without_fault(write, mongo, request)


@pytest.mark.parametrize("write", ["first version", "decision"], indirect=True)
async def test_a_write_that_happened_and_timed_out_may_be_repeated(
    write: Write, store: Store, proxy: MongoProxy, mongo: str, request: pytest.FixtureRequest
):
    proxy.arm(Fault(write.command, write.collection, silent=True))
    with pytest.raises(StoreAway, match="timed out"):
        await write.make(store)
    await write.make(store)
    assert await write.seen(store) == await as_without_fault(write, mongo, request)


async def test_a_write_that_did_not_happen_may_be_repeated(
    write: Write, store: Store, proxy: MongoProxy, mongo: str, request: pytest.FixtureRequest
):
    proxy.arm(Fault(write.command, write.collection, executed=0))
    with pytest.raises(StoreAway):
        await write.make(store)
    await write.make(store)
    assert await write.seen(store) == await as_without_fault(write, mongo, request)


@pytest.mark.parametrize(("code", "name"), PASSING, ids=[name for _, name in PASSING])
async def test_a_server_that_refuses_for_now_is_away(
    code: int, name: str, store: Store, proxy: MongoProxy
):
    await _saved(store)
    proxy.arm(
        *[
            Fault(command, "articles", executed=0, answer=refusal(code, name))
            for command in ("find", "update")
        ]
    )
    with pytest.raises(StoreAway):
        await store.articles.get(["a1"])
    with pytest.raises(StoreAway):
        await store.articles.announced({"a1": 1})
    await store.articles.announced({"a1": 1})
    assert await store.articles.waiting("announcement", LONG_AFTER) == []


async def test_a_write_that_a_majority_did_not_get_is_not_taken_for_made(
    store: Store, proxy: MongoProxy
):
    await _saved(store)
    unsure = {
        **written(1),
        "writeConcernError": {"code": 64, "codeName": "WriteConcernTimeout", "errmsg": "timed out"},
    }
    proxy.arm(Fault("update", "articles", answer=unsure))
    with pytest.raises(StoreAway):
        await store.articles.save([Save(an_article(version=2), 1)])
    assert await store.articles.save([Save(an_article(version=2), 1)]) == [
        False
    ]  # it stands, and the caller looks
    assert (await _article(store)).version == 2


RECORDS = [a_rejected(f"c/seeds/0/{number}", offset=number) for number in range(4)]


class TestHalfABulk:
    @pytest.mark.parametrize("done", [1, 3])
    async def test_what_was_done_stands_and_the_rest_follows(
        self, done: int, store: Store, proxy: MongoProxy
    ):
        proxy.arm(Fault("update", "rejected", executed=done))
        with pytest.raises(StoreAway):
            await store.rejected.save(RECORDS)
        assert len(await store.rejected.page()) == done
        await store.rejected.save(RECORDS)
        assert await store.rejected.page() == RECORDS

    async def test_a_conflict_beside_duplicates_is_repeated(
        self, store: Store, other: Store, proxy: MongoProxy
    ):
        await other.rejected.save(RECORDS[:1])
        answer = written(
            1, (0, DUPLICATE), (2, CONFLICT), (3, CONFLICT), upserted=((1, RECORDS[1].id),)
        )
        proxy.arm(Fault("update", "rejected", executed=2, answer=answer))
        with pytest.raises(StoreAway):
            await store.rejected.save(RECORDS)
        await store.rejected.save(RECORDS)
        assert await store.rejected.page() == RECORDS

    async def test_articles_that_another_inserted_first_are_lost_and_nothing_else(
        self, store: Store, other: Store, proxy: MongoProxy
    ):
        theirs = new("a1", seed=b"---\ntitle: theirs\n---\n")

        async def meanwhile() -> None:
            await other.articles.save([theirs])

        answer = written(1, (0, DUPLICATE), upserted=((1, "b1"),))
        proxy.arm(Fault("update", "articles", executed=0, before=meanwhile, answer=answer))
        assert await store.articles.save([new("a1"), new("b1")]) == [False, True]
        assert (await store.articles.get(["a1"]))["a1"].seed == theirs.article.seed

    async def test_what_can_never_be_kept_is_no_engine_that_is_away(
        self, store: Store, proxy: MongoProxy
    ):
        proxy.arm(
            Fault(
                "update", "rejected", executed=0, answer=written(0, (0, BAD_VALUE), (1, DUPLICATE))
            )
        )
        with pytest.raises(Unprocessable, match="code 2, by the proxy"):
            await store.rejected.save(RECORDS[:2])


class TestUpsertsThatLoseTheRace:
    async def test_are_made_again_as_updates(self, store: Store, other: Store, proxy: MongoProxy):
        async def meanwhile() -> None:
            await other.parked.park([a_piece(attempts=1)])

        lost = written(0, (0, DUPLICATE))
        proxy.arm(Fault("update", "parked", executed=0, before=meanwhile, answer=lost))
        await store.parked.park([a_piece(attempts=2)])
        assert [piece.attempts for piece in await store.parked.page()] == [2]

    async def test_without_end_are_an_engine_that_is_away(self, store: Store, proxy: MongoProxy):
        lost = written(0, (0, DUPLICATE))
        proxy.arm(*[Fault("update", "parked", executed=0, answer=lost) for _ in range(5)])
        with pytest.raises(StoreAway, match="lost the race"):
            await store.parked.park([a_piece()])

    async def test_a_signature_that_came_meanwhile_gives_way_to_a_newer_one(
        self, store: Store, other: Store, proxy: MongoProxy
    ):
        async def meanwhile() -> None:
            await other.relations.save([a_signature(version=1)])

        answer = written(0, (0, DUPLICATE))
        proxy.arm(Fault("update", "signatures", executed=0, before=meanwhile, answer=answer))
        await store.relations.save([a_signature(version=2)])
        assert (await store.relations.get(["a1"]))["a1"].version == 2


SEED = b'---\ntitle: "A bridge"\npublishedDateTime: 2026-03-03T08:05:00Z\nwebUrl: "https://l.example/bridge"\n---\n'


@pytest.mark.parametrize(
    ("command", "collection"), [("update", "aliases"), ("update", "articles"), ("find", "articles")]
)
@pytest.mark.parametrize("executed", [None, 0], ids=["unseen", "not done"])
async def test_a_drop_that_is_taken_in_again_is_one_article_and_answered_alike(
    command: str, collection: str, executed: int | None, store: Store, proxy: MongoProxy
):
    """Ingest's batch is repeated whole after the store was away, as the broker layer does it."""
    ingest = Ingest(clock=now, overdue_seconds=30)
    record = Record("c", "seeds", 0, 7, T0, None, SEED)
    proxy.arm(Fault(command, collection, executed=executed))
    with pytest.raises(StoreAway):
        await ingest.handle([record], store)
    events = await ingest.handle([record], store)
    (article,) = await store.articles.page()
    assert (article.version, article.pending >= {"announcement"}) == (1, True)
    assert sorted(event.topic for event in events) == ["articles.ingested", "seeds.receipts"]
    assert any(b'"accepted"' in (event.value or b"") for event in events)
