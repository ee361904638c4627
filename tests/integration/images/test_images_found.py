"""The stage with pages over a real store: an article without a picture gets one from its page, in order, once."""

from datetime import timedelta

import pytest

from services.enrichment.images.fetching.fetch_outcome import Failed, Failure
from services.enrichment.images.handlers import Images
from services.enrichment.images.pages.page_metadata import Found
from services.enrichment.images.scheduling.fetch_coordinator import Desk
from services.enrichment.images.scheduling.retry_policy import Patience
from shared.article_view import views
from shared.broker.topics import ENRICHED, WANTED
from tests.integration.images.test_images_handlers import (
    GONE,
    PICTURE,
    SLOW,
    Clock,
    Web,
    announced,
    clock,
    records,
    save,
    store,
    told,
    wants,
)

__all__ = ["clock", "store"]  # fixtures

NO_PAGE = Failed(Failure.ROBOTS, "robots.txt asks us to stay away")


def found(*names: str) -> Found:
    return Found(tuple(f"https://h.example/{name}" for name in names), "https://p.example/amp/a")


def stage(web: Web, clock: Clock, pages: bool = True) -> Images:
    return Images(Desk(web.fetched, Patience(attempts=3), clock, lambda: 1.0), clock, pages)


async def through(work: Images, store, name: str):
    """Everything to its end, hop by hop; the events that leave the stage."""
    events = await work.plan(await announced(store, name), store)
    left = [event for event in events if event.topic == ENRICHED]
    while asked := [event for event in events if event.topic == WANTED]:
        events = await work.fetch(records(asked), store)
        left += [event for event in events if event.topic == ENRICHED]
    return left


async def view(store, name="a"):
    return (await views(store, [name]))[name]


async def pending(store, name="a"):
    return "images" in (await store.articles.get([name]))[name].pending


async def test_an_article_without_a_picture_gets_the_one_of_its_page(store, clock):
    await save(store, "a")
    web = Web(a=found("one"), one=PICTURE)
    assert told(await through(stage(web, clock), store, "a")) == ["a"]
    assert [name for name, _ in web.asked] == ["a", "one"]
    assert not await pending(store)
    shown = await view(store)
    assert [(i["url"], i["isCached"], i["isFound"]) for i in shown["images"]] == [
        ("https://h.example/one", True, True)
    ]
    assert shown["ampWebUrl"] == "https://p.example/amp/a"


async def test_it_goes_by_the_host_of_the_page_then_of_the_picture(store, clock):
    await save(store, "a")
    work = stage(Web(a=found("one"), one=PICTURE), clock)
    planned = await work.plan(await announced(store, "a"), store)
    assert wants(planned) == [("p.example", "a")]
    assert await pending(store)
    fetched = await work.fetch(records(planned), store)
    assert wants(fetched) == [("h.example", "one")]
    assert told(fetched) == []
    assert told(await work.fetch(records(fetched), store)) == ["a"]


async def test_pictures_of_a_page_are_tried_one_after_the_other(store, clock):
    await save(store, "a")
    web = Web(a=found("gone", "one", "never"), gone=GONE, one=PICTURE)
    await through(stage(web, clock), store, "a")
    assert [name for name, _ in web.asked] == ["a", "gone", "one"]


async def test_an_article_whose_pictures_all_failed_gets_one(store, clock):
    await save(store, "a", "bad", "worse")
    web = Web(bad=GONE, worse=GONE, a=found("one"), one=PICTURE)
    assert told(await through(stage(web, clock), store, "a")) == ["a"]
    assert [name for name, _ in web.asked][2:] == ["a", "one"]
    assert [image["isCached"] for image in (await view(store))["images"]] == [False, False, True]


@pytest.mark.parametrize("other", [PICTURE, SLOW])
async def test_one_that_has_or_may_get_a_picture_needs_no_page(store, clock, other):
    await save(store, "a", "bad", "other")
    web = Web(bad=GONE, other=other)
    await through(stage(web, clock), store, "a")
    assert sorted(name for name, _ in web.asked) == ["bad", "other"]
    assert not await pending(store)


@pytest.mark.parametrize("outcome", [NO_PAGE, Found(), found("gone")])
async def test_a_page_that_helps_nothing_is_the_end_of_it(store, clock, outcome):
    await save(store, "a")
    assert told(await through(stage(Web(a=outcome, gone=GONE), clock), store, "a")) == ["a"]
    assert not await pending(store)
    assert not (await view(store))["images"]


async def test_pages_can_be_switched_off(store, clock):
    await save(store, "a")
    web = Web()
    assert told(await through(stage(web, clock, pages=False), store, "a")) == ["a"]
    assert web.asked == []


async def test_a_slow_page_is_parked_and_holds_up_nothing(store, clock):
    await save(store, "a")
    web = Web(a=SLOW, one=PICTURE)
    work = stage(web, clock)
    assert told(await through(work, store, "a")) == ["a"]
    assert not await pending(store)
    (piece,) = await store.parked.page()
    assert piece.url == "page:https://p.example/a"
    clock.now = piece.due
    web.answers["a"] = found("one")
    again = await work.take_up(store)
    assert wants(again) == [("p.example", "a")]
    events = await work.fetch(records(again), store)
    assert wants(events) == [("h.example", "one")]
    assert told(events) == ["a"]  # the AMP twin shows already
    assert told(await work.fetch(records([e for e in events if e.topic == WANTED]), store)) == ["a"]
    assert (await view(store))["images"][0]["isCached"] is True


async def test_what_was_found_is_not_looked_for_again(store, clock):
    await save(store, "a")
    web = Web(a=found("one"), one=PICTURE)
    work = stage(web, clock)
    await through(work, store, "a")
    assert told(await through(work, store, "a")) == ["a"]
    assert len(web.asked) == 2


async def test_what_was_found_stays_when_the_page_is_asked_again_and_refuses(store, clock):
    await save(store, "a")
    web = Web(a=found("one"), one=PICTURE)
    work = stage(web, clock)
    await through(work, store, "a")
    clock.now += timedelta(days=2)
    web.answers["a"] = NO_PAGE
    await save(store, "a", version=2)
    assert told(await through(work, store, "a")) == ["a"]
    assert [name for name, _ in web.asked][2:] == ["a", "one"]
    assert (await view(store))["images"][0]["isCached"] is True
    assert (await view(store))["ampWebUrl"] == "https://p.example/amp/a"


async def test_a_repeat_at_any_hop_ends_the_same(store, clock):
    await save(store, "a")
    work = stage(Web(a=found("gone", "one"), gone=GONE, one=PICTURE), clock)
    hops = [await work.plan(await announced(store, "a"), store)]
    while asked := [event for event in hops[-1] if event.topic == WANTED]:
        hops.append(await work.fetch(records(asked), store))
    for hop in hops[:-1]:
        await work.fetch(records([event for event in hop if event.topic == WANTED]), store)
    assert not await pending(store)
    assert (await view(store))["images"][0]["url"] == "https://h.example/one"
