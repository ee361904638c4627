"""Listings in MongoDB when a process dies, or the server fails, before a decision is listed."""

from collections.abc import AsyncIterator

import pytest

from shared.errors import StoreUnavailable
from shared.store import ArticleWrite, DecisionWrite, ListingQuery, Store, connect
from shared.store.mongo.article.listing_fields import list_decision
from tests.contract.store.builders import a_decision, a_first_write, an_article
from tests.integration.store.mongo.mongo_proxy import Fault, MongoProxy, refuse

pytestmark = pytest.mark.real

PUBLISHED = DecisionWrite(a_decision(published=True, heat=80), touches=-1)
UNAVAILABLE = refuse(91, "ShutdownInProgress")


@pytest.fixture
async def store(proxy: MongoProxy, store_url: str) -> AsyncIterator[Store]:
    opened = connect(proxy.url(store_url.rpartition("/")[2], socketTimeoutMS=1500))
    await opened.open()
    yield opened
    await opened.close()


async def list_published(store: Store) -> list[tuple[str, int | None]]:
    listings = await store.listings.find(ListingQuery(is_published=True))
    return [(listing.article_id, listing.heat) for listing in listings]


async def die_before_the_listing(store: Store, proxy: MongoProxy) -> None:
    await store.articles.save([a_first_write()])
    proxy.arm(Fault("update", "articles", executed=0, answer=UNAVAILABLE))
    with pytest.raises(StoreUnavailable):
        await store.decisions.save([PUBLISHED])
    assert await list_published(store) == []


async def test_the_next_look_at_the_article_lists_the_decision(store: Store, proxy: MongoProxy):
    await die_before_the_listing(store, proxy)
    touches = (await store.articles.get(["a1"]))["a1"].touches
    await store.decisions.mark_unchanged({"a1": touches})
    assert await list_published(store) == [("a1", 80)]
    assert (await store.articles.get(["a1"]))["a1"].pending.isdisjoint({"decision"})


async def test_an_article_waits_for_its_decision_until_it_is_listed(
    store: Store, proxy: MongoProxy
):
    await die_before_the_listing(store, proxy)
    proxy.arm(Fault("update", "articles", executed=0, answer=UNAVAILABLE))
    with pytest.raises(StoreUnavailable):
        await store.decisions.mark_unchanged({"a1": 1})
    assert "decision" in (await store.articles.get(["a1"]))["a1"].pending


async def test_a_late_listing_of_an_older_decision_changes_nothing(store: Store):
    await store.articles.save([a_first_write()])
    await store.decisions.save([PUBLISHED])
    second = a_decision(stamp=2, published=True, heat=90)
    await store.decisions.save([DecisionWrite(second, touches=-1)])
    database = store.decisions._database  # type: ignore[attr-defined]
    older = {"stamp": 1, "published": False, "heat": 1, "lead": "a1", "revision": 0}
    await database.bulk_write("articles", [list_decision("a1", older)])
    assert await list_published(store) == [("a1", 90)]


async def test_a_volatile_change_keeps_what_is_listed(store: Store):
    """The language is known, and related does not read the version again."""
    await store.articles.save([a_first_write()])
    await store.decisions.save([PUBLISHED])
    changed = an_article(aliases=("a1.example/x", "a1.example/y"))
    assert await store.articles.save([ArticleWrite(changed, 1)]) == [True]
    assert await list_published(store) == [("a1", 80)]
