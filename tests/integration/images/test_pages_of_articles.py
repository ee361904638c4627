"""Articles without a picture get one from their page, in order and once: over a real store."""

from datetime import timedelta
from typing import Any

import pytest

from services.enrichment.images.decoding.verification import verify_picture
from services.enrichment.images.fetch_outcome import Failure, FailureKind
from services.enrichment.images.handlers import ImagesHandler
from services.enrichment.images.pages.page_metadata import PageMetadata
from shared.broker.records import Event
from shared.store import Store
from shared.views.article_view import load_views
from tests.integration.images.images_stage import (
    GONE,
    PICTURE,
    SLOW,
    FakeClock,
    FakeWeb,
    as_records,
    build_handler,
    is_pending,
    list_announced,
    list_requests,
    load_picture,
    plan,
    save_article,
    select_enriched,
    select_requests,
)
from tests.unit.images.decoding.odd_pictures import encode_pixel

DISALLOWED = Failure(FailureKind.ROBOTS, "robots.txt asks us to stay away")


def page_with(*names: str) -> PageMetadata:
    """A page with these pictures and an AMP twin."""
    images = tuple(f"https://h.example/{name}" for name in names)
    return PageMetadata(images, "https://p.example/amp/a")


def reading_handler(web: FakeWeb, clock: FakeClock) -> ImagesHandler:
    return build_handler(web, clock, reads_pages=True)


async def run_to_end(handler: ImagesHandler, store: Store, name: str = "a") -> list[Event]:
    """Everything, hop by hop; the enriched events."""
    events = await plan(handler, store, name)
    enriched = select_enriched(events)
    while requests := select_requests(events):
        events = await handler.fetch(as_records(requests), store)
        enriched += select_enriched(events)
    return enriched


async def load_view(store: Store, name: str = "a") -> dict[str, Any]:
    return (await load_views(store, [name]))[name]


async def test_an_article_without_a_picture_gets_the_one_of_its_page(store, clock):
    await save_article(store, "a")
    web = FakeWeb(a=page_with("one"), one=PICTURE)
    assert list_announced(await run_to_end(reading_handler(web, clock), store)) == ["a"]
    assert web.requested_names == ["a", "one"]
    assert not await is_pending(store, "a")
    view = await load_view(store)
    (image,) = view["images"]
    assert image["url"] == "https://h.example/one"
    assert (image["isCached"], image["isFound"]) == (True, True)
    assert view["ampWebUrl"] == "https://p.example/amp/a"


async def test_the_page_goes_to_the_owner_of_its_host_then_the_picture_does(store, clock):
    await save_article(store, "a")
    handler = reading_handler(FakeWeb(a=page_with("one"), one=PICTURE), clock)
    planned = await plan(handler, store, "a")
    assert list_requests(planned) == [("p.example", "a")]
    assert await is_pending(store, "a")
    fetched = await handler.fetch(as_records(planned), store)
    assert list_requests(fetched) == [("h.example", "one")]
    assert list_announced(fetched) == []
    assert list_announced(await handler.fetch(as_records(fetched), store)) == ["a"]


async def test_pictures_of_a_page_are_tried_one_by_one(store, clock):
    await save_article(store, "a")
    web = FakeWeb(a=page_with("gone", "one", "never"), gone=GONE, one=PICTURE)
    await run_to_end(reading_handler(web, clock), store)
    assert web.requested_names == ["a", "gone", "one"]


async def test_an_article_whose_pictures_all_failed_gets_one_from_its_page(store, clock):
    await save_article(store, "a", "bad", "worse")
    web = FakeWeb(bad=GONE, worse=GONE, a=page_with("one"), one=PICTURE)
    assert list_announced(await run_to_end(reading_handler(web, clock), store)) == ["a"]
    assert web.requested_names[2:] == ["a", "one"]
    images = (await load_view(store))["images"]
    assert [image["isCached"] for image in images] == [False, False, True]


async def test_an_article_whose_only_picture_is_one_pixel_gets_one_from_its_page(store, clock):
    pixel = verify_picture(encode_pixel("GIF"))
    assert isinstance(pixel, Failure)
    await save_article(store, "a", "pixel")
    web = FakeWeb(pixel=pixel, a=page_with("pixel", "one"), one=PICTURE)
    await run_to_end(reading_handler(web, clock), store)
    assert web.requested_names == ["pixel", "a", "one"]
    assert (await load_picture(store, "pixel")).reason == (
        "too-small: it has 1 x 1 pixels, as a tracking pixel has"
    )
    images = (await load_view(store))["images"]
    assert [image["isCached"] for image in images] == [False, True]


@pytest.mark.parametrize("other", [PICTURE, SLOW])
async def test_an_article_that_has_or_may_get_a_picture_needs_no_page(store, clock, other):
    await save_article(store, "a", "bad", "other")
    web = FakeWeb(bad=GONE, other=other)
    await run_to_end(reading_handler(web, clock), store)
    assert sorted(web.requested_names) == ["bad", "other"]
    assert not await is_pending(store, "a")


@pytest.mark.parametrize("page", [DISALLOWED, PageMetadata(), page_with("gone")])
async def test_an_article_is_complete_when_its_page_does_not_help(store, clock, page):
    await save_article(store, "a")
    handler = reading_handler(FakeWeb(a=page, gone=GONE), clock)
    assert list_announced(await run_to_end(handler, store)) == ["a"]
    assert not await is_pending(store, "a")
    assert not (await load_view(store))["images"]


async def test_reading_pages_can_be_turned_off(store, clock):
    await save_article(store, "a")
    web = FakeWeb()
    assert list_announced(await run_to_end(build_handler(web, clock), store)) == ["a"]
    assert web.requested == []


async def test_a_slow_page_is_parked_and_holds_up_nothing(store, clock):
    await save_article(store, "a")
    web = FakeWeb(a=SLOW, one=PICTURE)
    handler = reading_handler(web, clock)
    assert list_announced(await run_to_end(handler, store)) == ["a"]
    assert not await is_pending(store, "a")
    (parked,) = await store.parked.list_earliest()
    assert parked.url == "page:https://p.example/a"
    clock.now = parked.due
    web.outcomes["a"] = page_with("one")
    retries = await handler.retry_parked(store)
    assert list_requests(retries) == [("p.example", "a")]
    events = await handler.fetch(as_records(retries), store)
    assert list_requests(events) == [("h.example", "one")]
    assert list_announced(events) == ["a"]  # its view has the AMP twin already
    events = await handler.fetch(as_records(select_requests(events)), store)
    assert list_announced(events) == ["a"]
    assert (await load_view(store))["images"][0]["isCached"] is True


async def test_a_page_with_an_outcome_is_not_requested_again(store, clock):
    await save_article(store, "a")
    web = FakeWeb(a=page_with("one"), one=PICTURE)
    handler = reading_handler(web, clock)
    await run_to_end(handler, store)
    assert list_announced(await run_to_end(handler, store)) == ["a"]
    assert len(web.requested) == 2


async def test_what_was_found_stays_when_the_page_fails_later(store, clock):
    await save_article(store, "a")
    web = FakeWeb(a=page_with("one"), one=PICTURE)
    handler = reading_handler(web, clock)
    await run_to_end(handler, store)
    clock.now += timedelta(days=2)
    web.outcomes["a"] = DISALLOWED
    await save_article(store, "a", version=2)
    assert list_announced(await run_to_end(handler, store)) == ["a"]
    assert web.requested_names[2:] == ["a", "one"]
    view = await load_view(store)
    assert view["images"][0]["isCached"] is True
    assert view["ampWebUrl"] == "https://p.example/amp/a"


async def test_a_repeat_at_any_hop_ends_the_same(store, clock):
    await save_article(store, "a")
    web = FakeWeb(a=page_with("gone", "one"), gone=GONE, one=PICTURE)
    handler = reading_handler(web, clock)
    hops = [await plan(handler, store, "a")]
    while requests := select_requests(hops[-1]):
        hops.append(await handler.fetch(as_records(requests), store))
    for hop in hops[:-1]:
        await handler.fetch(as_records(select_requests(hop)), store)
    assert not await is_pending(store, "a")
    view = await load_view(store)
    assert view["images"][0]["url"] == "https://h.example/one"
