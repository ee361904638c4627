"""A new article whose writer is slow: whatever happens meanwhile, no alias names two articles.

The writer is delayed at each of its steps. Meanwhile another writer, for whom its hold has expired,
takes the shared alias over and stores its own article. Nothing here waits for time to pass: how
long a hold lasts is up to whoever meets it, so to one writer it lasts for ever, to another no time.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from shared.errors import StoreUnavailable
from shared.store import AliasClaim, Store
from shared.store.mongo.article.aliases import HoldTimes
from shared.store.mongo.store import MongoStore
from tests.contract.store.builders import a_first_write
from tests.integration.store.mongo.mongo_proxy import Fault, MongoProxy
from tests.waiting import ANY_SECONDS

pytestmark = pytest.mark.real

SLOW = AliasClaim("b1", ("b.example", "shared.example"))
FAST = AliasClaim("a1", ("a.example", "shared.example"))
NO_TIME = timedelta(0)
LONG = timedelta(minutes=10)
# How long a driver waits that gives up: it must have sent the insert by then, on any machine.
GIVES_UP_AFTER = timedelta(seconds=10)


@pytest.fixture
async def slow(proxy_url: str) -> AsyncIterator[Store]:
    """Behind the proxy, where it is delayed."""
    async with open_store(proxy_url, HoldTimes(LONG, LONG)) as store:
        yield store


@pytest.fixture
async def fast(slow: Store, store_url: str) -> AsyncIterator[Store]:
    """To it every hold has expired."""
    async with open_store(store_url, HoldTimes(NO_TIME, LONG)) as store:
        yield store


@asynccontextmanager
async def open_store(url: str, times: HoldTimes) -> AsyncIterator[Store]:
    store = MongoStore(url, hold_times=times)
    await store.open()
    try:
        yield store
    finally:
        await store.close()


async def claim_and_save(store: Store, claim: AliasClaim) -> bool:
    """Whether the article of the claim was inserted under the id that it was granted."""
    (grant,) = await store.articles.claim_aliases([claim])
    write = a_first_write(grant.article_id, aliases=grant.aliases)
    (is_saved,) = await store.articles.save([write])
    return is_saved


async def assert_sound(store: Store) -> None:
    """Every alias that an article lists names it, and the shared one names a stored article."""
    articles = await store.articles.list_page()
    for article in articles:
        owners = await store.articles.resolve_aliases(article.aliases)
        assert owners == dict.fromkeys(article.aliases, article.id)
    listed = [alias for article in articles for alias in article.aliases]
    assert listed.count("shared.example") == 1


@pytest.mark.parametrize(
    "fault",
    [
        Fault("update", "articles"),  # the reservation
        Fault("update", "aliases"),  # the hold
        Fault("find", "aliases"),  # the look at the owners
    ],
    ids=lambda fault: f"{fault.command} {fault.collection}",
)
async def test_a_writer_that_is_delayed_before_it_inserts_loses(
    fault: Fault, slow: Store, fast: Store, proxy: MongoProxy
):
    (grant,) = await slow.articles.claim_aliases([SLOW])
    assert grant.article_id == "b1"

    async def take_over() -> None:
        assert await claim_and_save(fast, FAST)

    proxy.arm(Fault(fault.command, fault.collection, before=take_over, passes=True))
    write = a_first_write("b1", aliases=grant.aliases)
    assert await slow.articles.save([write]) == [False]
    assert proxy.armed == 0
    await assert_sound(fast)
    assert not await claim_and_save(slow, SLOW)  # the shared alias names the other article
    await assert_sound(fast)


async def test_a_writer_that_may_insert_no_more_inserts_nothing(proxy: MongoProxy, proxy_url: str):
    """The time is up once it holds, so it sends no insert."""
    async with open_store(proxy_url, HoldTimes(LONG, NO_TIME)) as store:
        (grant,) = await store.articles.claim_aliases([SLOW])
        reservation = Fault("update", "articles", passes=True)
        insert = Fault("update", "articles", passes=True)
        proxy.arm(reservation, insert)
        assert await store.articles.save([a_first_write("b1", aliases=grant.aliases)]) == [False]
        assert (reservation.passed.is_set(), insert.passed.is_set()) == (True, False)
        assert await store.articles.list_page() == []


async def test_an_insert_that_arrives_late_does_nothing(
    slow: Store, fast: Store, proxy: MongoProxy
):
    (grant,) = await slow.articles.claim_aliases([SLOW])

    async def take_over() -> None:
        assert await claim_and_save(fast, FAST)

    insert = arm_insert(proxy, take_over)
    write = a_first_write("b1", aliases=grant.aliases)
    assert await slow.articles.save([write]) == [False]
    assert insert.passed.is_set()
    await assert_taken_over(fast)
    assert not await claim_and_save(slow, SLOW)
    await assert_sound(fast)


async def test_an_insert_that_arrives_after_its_driver_gave_up_does_nothing(
    fast: Store, proxy: MongoProxy, proxy_url: str
):
    gave_up = asyncio.Event()

    async def take_over() -> None:
        await gave_up.wait()
        assert await claim_and_save(fast, FAST)

    async with open_store(proxy_url, HoldTimes(LONG, GIVES_UP_AFTER)) as slow:
        (grant,) = await slow.articles.claim_aliases([SLOW])
        insert = arm_insert(proxy, take_over)
        with pytest.raises(StoreUnavailable):  # so the batch is repeated
            await slow.articles.save([a_first_write("b1", aliases=grant.aliases)])
        assert proxy.armed == 0
        gave_up.set()
        await asyncio.wait_for(insert.passed.wait(), ANY_SECONDS)
        await assert_taken_over(fast)
        assert not await claim_and_save(slow, SLOW)
        await assert_sound(fast)


def arm_insert(proxy: MongoProxy, before: Callable[[], Awaitable[object]]) -> Fault:
    """What happens to the insert of an article; its reservation is the same command before it."""
    insert = Fault("update", "articles", before=before, passes=True)
    proxy.arm(Fault("update", "articles", passes=True), insert)
    return insert


async def assert_taken_over(store: Store) -> None:
    (article,) = await store.articles.list_page()
    assert article.aliases == FAST.aliases
    await assert_sound(store)


async def test_what_is_held_is_not_taken(slow: Store, store_url: str, proxy: MongoProxy):
    """While the hold lasts the other writer joins the article that is about to be inserted."""
    (grant,) = await slow.articles.claim_aliases([SLOW])
    granted = []
    async with open_store(store_url, HoldTimes(LONG, LONG)) as other:

        async def claim() -> None:
            granted.extend(await other.articles.claim_aliases([FAST]))

        arm_insert(proxy, claim)
        write = a_first_write("b1", aliases=grant.aliases)
        assert await slow.articles.save([write]) == [True]
        assert [grant.article_id for grant in granted] == ["b1"]
        await assert_sound(other)


async def test_a_hold_begins_and_ends_by_the_clock_of_the_server(proxy: MongoProxy, proxy_url: str):
    """No time of a client is sent, neither with the hold nor with the question how old it is."""
    async with (
        open_store(proxy_url, HoldTimes(LONG)) as store,
        open_store(proxy_url, HoldTimes(NO_TIME)) as later,
    ):
        (grant,) = await store.articles.claim_aliases([SLOW])
        await store.articles.claim_aliases([AliasClaim("a0", ("new.example",))])
        proxy.arm(Fault("find", "aliases"))  # the process dies once it holds
        with pytest.raises(StoreUnavailable):
            await store.articles.save([a_first_write("b1", aliases=grant.aliases)])
        (held,) = await store.articles.claim_aliases([FAST])
        both = AliasClaim("c1", ("new.example", "shared.example"))
        (expired,) = await later.articles.claim_aliases([both])
    assert [held.article_id, expired.article_id] == ["b1", "a0"]
    (hold,) = find_updates(proxy, "update", "$push")
    assert hold["$currentDate"] == {"heldAt": True}
    assert hold["$push"]["holders"].keys() == {"token"}
    questions = find_updates(proxy, "findAndModify", "$currentDate")
    assert questions
    assert all(question == {"$currentDate": {"askedAt": True}} for question in questions)


def find_updates(proxy: MongoProxy, command: str, operator: str) -> list[dict[str, Any]]:
    """The changes with this operator that the command made on aliases."""
    changes: list[dict[str, Any]] = []
    for message in proxy.commands:
        if (message.name, message.collection) == (command, "aliases"):
            changes += [statement["u"] for statement in message.statements]
            changes += [message.command["update"]] if command == "findAndModify" else []
    return [change for change in changes if operator in change]


async def test_the_server_gives_up_on_an_insert_that_takes_too_long(
    proxy: MongoProxy, proxy_url: str
):
    async with open_store(proxy_url, HoldTimes()) as store:
        assert await claim_and_save(store, SLOW)
    limits = [
        message.command.get("maxTimeMS")
        for message in proxy.commands
        if (message.name, message.collection) == ("update", "articles")
    ]
    reservation, insert = limits
    assert reservation is None
    assert 0 < insert <= 20_000
