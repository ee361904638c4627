"""Planning and fetching over a real store: what is stored and announced, and when."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from services.enrichment.images.fetch_outcome import NotModified, Validators
from shared.broker.records import Record
from shared.clock import now
from shared.errors import UnprocessableRecord
from shared.events.topics import INGESTED, WANTED
from shared.store import Decision, DecisionWrite, Link, Store
from tests.integration.images.images_stage import (
    GONE,
    PICTURE,
    SLOW,
    FakeWeb,
    as_records,
    build_handler,
    count_touches,
    fetch_requested,
    is_pending,
    list_announced,
    list_requests,
    load_picture,
    plan,
    plan_and_fetch,
    retry_and_fetch,
    save_article,
    wait_until,
)

DATE = "Mon, 02 Mar 2026 10:00:00 GMT"


async def save_decision(store: Store, name: str, names: list[str], published: bool) -> None:
    """A decision about the article, which names these relatives."""
    decision = Decision(
        article_id=name,
        stamp=1,
        version=1,
        revision=0,
        published=published,
        heat=80,
        lead=name,
        reason="leads",
        rules={},
        inputs={"relatives": [{"id": each, "quality": 1} for each in names], "holders": []},
        decided_at=now(),
    )
    await store.decisions.save([DecisionWrite(decision, 0)])


class TestPlanning:
    async def test_each_picture_is_requested_from_the_owner_of_its_host(self, store, clock):
        pictures = ["one", "//Other.Example:8080/two", "one", "//[::1]/three"]
        await save_article(store, "a", *pictures)
        events = await plan(build_handler(FakeWeb(), clock), store, "a")
        assert list_requests(events) == [
            ("h.example", "one"),
            ("other.example", "two"),
            ("[::1]", "three"),
        ]
        assert list_announced(events) == []
        assert await is_pending(store, "a")

    async def test_related_announces_an_article_that_waits_for_it_when_its_pictures_come(
        self, store, clock
    ):
        await save_article(store, "a", is_related=False)
        handler = build_handler(FakeWeb(), clock)
        assert list_announced(await plan(handler, store, "a")) == []
        assert not await is_pending(store, "a")
        await store.articles.complete_stage("related", {"a": 1})
        assert list_announced(await plan(handler, store, "a")) == ["a"]  # delivered again

    async def test_an_article_without_pictures_is_complete(self, store, clock):
        await save_article(store, "a")
        events = await plan_and_fetch(build_handler(FakeWeb(), clock), store, "a")
        assert list_announced(events) == ["a"]
        assert not await is_pending(store, "a")

    async def test_an_article_whose_pictures_have_outcomes_is_complete(self, store, clock):
        await save_article(store, "a", "good", "gone")
        await save_article(store, "b", "good", "gone")
        handler = build_handler(FakeWeb(good=PICTURE, gone=GONE), clock)
        await plan_and_fetch(handler, store, "a")
        events = await plan(handler, store, "b")
        assert (list_requests(events), list_announced(events)) == ([], ["b"])
        assert not await is_pending(store, "b")

    async def test_a_failure_stands_the_longer_the_more_often_it_failed(self, store, clock):
        await save_article(store, "a", "gone")
        handler = build_handler(FakeWeb(gone=GONE), clock)
        await plan_and_fetch(handler, store, "a")
        for hours in (1, 2, 4, 8, 16, 24, 24):
            clock.now += timedelta(hours=hours) - timedelta(seconds=1)
            assert list_requests(await plan(handler, store, "a")) == []
            clock.now += timedelta(seconds=1)
            await plan_and_fetch(handler, store, "a")
        assert (await load_picture(store, "gone")).failures == 8

    async def test_a_repeat_plans_the_same_with_the_same_ids(self, store, clock):
        await save_article(store, "a", "one", "two")
        handler = build_handler(FakeWeb(), clock)
        first = await plan(handler, store, "a")
        assert await plan(handler, store, "a") == first

    async def test_a_bad_url_is_requested_too_and_fails(self, store, clock):
        await save_article(store, "a", "//user@inside.example/x")
        events = await plan(build_handler(FakeWeb(), clock), store, "a")
        assert list_requests(events) == [("", "x")]

    async def test_articles_that_wait_for_long_are_announced_again_and_then_put_off(
        self, store, clock
    ):
        await save_article(store, "a", "one")
        await save_article(store, "b")
        handler = build_handler(FakeWeb(), clock)
        assert await handler.sweep(store) == []
        clock.now += timedelta(minutes=11)
        events = await handler.sweep(store)
        assert [(event.topic, event.key) for event in events] == [
            (INGESTED, b"a"),
            (INGESTED, b"b"),
        ]
        assert await handler.sweep(store) == []
        planned = await handler.plan(as_records(events), store)
        assert list_requests(planned) == [("h.example", "one")]
        assert list_announced(planned) == ["b"]


class TestFetching:
    async def test_outcomes_are_stored_and_the_stage_is_complete(self, store, clock):
        await save_article(store, "a", "good", "gone")
        web = FakeWeb(good=PICTURE, gone=GONE)
        events = await plan_and_fetch(build_handler(web, clock), store, "a")
        assert list_announced(events) == ["a"]
        good, gone = await load_picture(store, "good"), await load_picture(store, "gone")
        assert (good.state, good.width, good.reason) == ("cached", 640, "")
        assert (gone.state, gone.width, gone.reason[:9]) == ("failed", 0, "not-found")
        assert not await is_pending(store, "a")
        assert {seconds for _, seconds in web.requested} == {3}

    async def test_published_relatives_that_show_the_article_are_announced_too(self, store, clock):
        await save_article(store, "a", "good")
        for name in "bcd":
            await save_article(store, name)
            await store.links.save([Link("a", name, 0.5)])
        await save_decision(store, "b", names=["a"], published=True)
        await save_decision(store, "c", names=["a"], published=False)
        await save_decision(store, "d", names=[], published=True)
        handler = build_handler(FakeWeb(good=PICTURE), clock)
        assert list_announced(await plan_and_fetch(handler, store, "a")) == ["a", "b"]

    async def test_an_article_is_complete_with_its_last_picture(self, store, clock):
        await save_article(store, "a", "good", "gone")
        handler = build_handler(FakeWeb(good=PICTURE, gone=GONE), clock)
        first, last = await plan(handler, store, "a")
        assert await fetch_requested(handler, store, [first]) == []
        assert await is_pending(store, "a")
        other_owner = build_handler(FakeWeb(gone=GONE), clock)
        assert list_announced(await fetch_requested(other_owner, store, [last])) == ["a"]
        assert not await is_pending(store, "a")

    async def test_two_owners_who_finish_at_once_do_not_both_miss_it(self, store, clock):
        await save_article(store, "a", "good", "gone")
        web = FakeWeb(good=PICTURE, gone=GONE)
        planned = await plan(build_handler(web, clock), store, "a")
        web.may_respond.clear()
        owners = []
        for event in planned:
            owner = build_handler(web, clock)
            owners.append(asyncio.create_task(fetch_requested(owner, store, [event])))
        await wait_until(lambda: len(web.requested) == 2)
        web.may_respond.set()
        first, second = await asyncio.gather(*owners)
        events = [*first, *second]
        assert set(list_announced(events)) == {"a"}
        assert len({event.headers for event in events}) == 1
        assert not await is_pending(store, "a")

    async def test_a_repeat_announces_the_same_events(self, store, clock):
        await save_article(store, "a", "good")
        handler = build_handler(FakeWeb(good=PICTURE), clock)
        planned = await plan(handler, store, "a")
        first = await fetch_requested(handler, store, planned)
        another = build_handler(FakeWeb(), clock)
        assert await fetch_requested(another, store, planned) == first

    async def test_a_url_of_two_concurrent_batches_is_fetched_once(self, store, clock):
        await save_article(store, "a", "good")
        await save_article(store, "b", "good")
        web = FakeWeb(good=PICTURE)
        handler = build_handler(web, clock)
        planned = await plan(handler, store, "a", "b")
        web.may_respond.clear()
        batches = []
        for event in planned:
            batches.append(asyncio.create_task(fetch_requested(handler, store, [event])))
        await wait_until(lambda: bool(web.requested))
        web.may_respond.set()
        first, second = await asyncio.gather(*batches)
        events = [*first, *second]
        assert sorted(list_announced(events)) == ["a", "b"]
        assert len(web.requested) == 1

    async def test_a_slow_url_is_not_fetched_by_two_batches_at_once(self, store, clock):
        await save_article(store, "a", "slow")
        await save_article(store, "b", "slow")
        web = FakeWeb(slow=SLOW)
        handler = build_handler(web, clock)
        planned = await plan(handler, store, "a", "b")
        await asyncio.gather(*(fetch_requested(handler, store, [event]) for event in planned))
        assert web.requested == [("slow", 3)]
        parked = await store.parked.list_earliest()
        assert {(fetch.article_id, fetch.attempts) for fetch in parked} == {("a", 1), ("b", 1)}

    async def test_an_article_that_changed_meanwhile_waits_for_its_new_picture(self, store, clock):
        await save_article(store, "a", "good")
        handler = build_handler(FakeWeb(good=PICTURE, new=PICTURE), clock)
        planned = await plan(handler, store, "a")
        await save_article(store, "a", "new", version=2)
        assert await fetch_requested(handler, store, planned) == []
        assert await is_pending(store, "a")
        assert list_announced(await plan_and_fetch(handler, store, "a")) == ["a"]
        assert not await is_pending(store, "a")

    async def test_a_foreign_record_is_unprocessable(self, store, clock):
        record = Record("c", WANTED, 0, 0, now(), None, b'{"articleId": "a"}')
        with pytest.raises(UnprocessableRecord):
            await build_handler(FakeWeb(), clock).fetch([record], store)


class TestSubscribers:
    """When one article has a picture fetched again, the others that show it are announced too."""

    @pytest.fixture
    async def web(self, store, clock):
        """*a*, which a published relative shows, shows that the picture failed. *b* names it, too,
        now that it may be requested again."""
        web = FakeWeb(x=GONE)
        await save_article(store, "a", "x")
        await save_article(store, "near")
        await store.links.save([Link("a", "near", 0.9)])
        await save_decision(store, "near", names=["a"], published=True)
        events = await plan_and_fetch(build_handler(web, clock), store, "a")
        assert sorted(list_announced(events)) == ["a", "near"]
        clock.now += timedelta(hours=2)
        await save_article(store, "b", "x")
        return web

    async def test_articles_that_showed_a_failure_are_announced_when_the_picture_is_there(
        self, store, clock, web
    ):
        web.outcomes["x"] = PICTURE
        before = await count_touches(store, "a", "near")
        events = await plan_and_fetch(build_handler(web, clock), store, "b")
        assert sorted(list_announced(events)) == ["a", "b", "near"]
        assert await count_touches(store, "a", "near") == [count + 1 for count in before]

    async def test_a_repeat_announces_them_again_with_the_same_ids(self, store, clock, web):
        web.outcomes["x"] = PICTURE
        requests = as_records(await plan(build_handler(web, clock), store, "b"))
        first = await build_handler(web, clock).fetch(requests, store)
        assert await build_handler(FakeWeb(), clock).fetch(requests, store) == first
        assert sorted(list_announced(first)) == ["a", "b", "near"]

    async def test_they_are_announced_also_when_a_retry_brings_the_picture(self, store, clock, web):
        web.outcomes["x"] = SLOW
        handler = build_handler(web, clock)
        assert list_announced(await plan_and_fetch(handler, store, "b")) == ["b"]
        web.outcomes["x"] = PICTURE
        clock.now += timedelta(minutes=2)
        events = await retry_and_fetch(handler, store)
        assert set(list_announced(events)) == {"a", "b", "near"}

    async def test_another_failure_is_not_announced(self, store, clock, web):
        events = await plan_and_fetch(build_handler(web, clock), store, "b")
        assert list_announced(events) == ["b"]

    async def test_an_outcome_replaced_before_the_request_is_not_announced(self, store, clock, web):
        web.outcomes["x"] = PICTURE
        await plan_and_fetch(build_handler(web, clock), store, "b")
        clock.now += timedelta(days=2)
        web.outcomes["x"] = NotModified()
        await save_article(store, "c", "x")
        planned = await plan(build_handler(web, clock), store, "c")
        requests = [replace(record, timestamp=clock()) for record in as_records(planned)]
        events = await build_handler(web, clock).fetch(requests, store)
        assert list_announced(events) == ["c"]

    async def test_another_version_is_announced_for_all_articles_that_show_it(
        self, store, clock, web
    ):
        web.outcomes["x"] = PICTURE
        await plan_and_fetch(build_handler(web, clock), store, "b")
        clock.now += timedelta(days=2)
        web.outcomes["x"] = replace(PICTURE, content=b"other", width=320)
        await save_article(store, "c", "x")
        events = await plan_and_fetch(build_handler(web, clock), store, "c")
        assert sorted(list_announced(events)) == ["a", "b", "c", "near"]


class TestRefreshing:
    """A cached picture that an article names again is requested again after a day."""

    @pytest.fixture
    async def web(self, store, clock):
        web = FakeWeb(good=replace(PICTURE, validators=Validators('"1"', DATE)))
        await save_article(store, "a", "good")
        await plan_and_fetch(build_handler(web, clock), store, "a")
        clock.now += timedelta(hours=24)
        await save_article(store, "b", "good")
        return web

    async def fetch_again(self, store, clock, web):
        """For *b*, which is complete then."""
        events = await plan_and_fetch(build_handler(web, clock), store, "b")
        assert list_announced(events) == ["b"]
        assert not await is_pending(store, "b")

    async def test_a_picture_whose_bytes_are_lost_is_requested_unconditionally(
        self, store, clock, web
    ):
        cached = await load_picture(store, "good")
        assert await store.picture_bytes.delete(cached.sha256, now() + timedelta(hours=1))
        await self.fetch_again(store, clock, web)
        assert web.validators[-1] == Validators()
        assert await store.picture_bytes.get_size(cached.sha256) == cached.size

    async def test_it_is_not_requested_earlier(self, store, clock, web):
        clock.now -= timedelta(seconds=1)
        await self.fetch_again(store, clock, web)
        assert len(web.requested) == 1

    async def test_the_request_is_conditional(self, store, clock, web):
        web.outcomes["good"] = NotModified()
        before = await load_picture(store, "good")
        await self.fetch_again(store, clock, web)
        assert web.validators[-1] == Validators('"1"', DATE)
        after = await load_picture(store, "good")
        assert after == replace(before, checked_at=after.checked_at)
        assert after.checked_at - before.checked_at == timedelta(hours=24)

    async def test_another_version_replaces_it(self, store, clock, web):
        web.outcomes["good"] = replace(PICTURE, content=b"other", width=320)
        events = await plan_and_fetch(build_handler(web, clock), store, "b")
        assert list_announced(events) == ["b", "a"]
        picture = await load_picture(store, "good")
        assert (picture.width, picture.etag) == (320, "")

    @pytest.mark.parametrize("outcome", [GONE, SLOW])
    async def test_it_stays_cached_when_the_request_fails(self, store, clock, web, outcome):
        web.outcomes["good"] = outcome
        await self.fetch_again(store, clock, web)
        assert (await load_picture(store, "good")).state == "cached"
        assert await store.parked.count() == 0
        await self.fetch_again(store, clock, web)
        assert len(web.requested) == 2
