"""Parked fetches over a real store: when they are retried, and what a crash leaves."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from services.enrichment.images.fetch_outcome import RetryLater
from shared.events.acknowledgements import save_acknowledgements
from shared.events.picture_events import is_wanted_again
from shared.store import ArticleWrite, StoredArticle
from tests.integration.images.images_stage import (
    PICTURE,
    SLOW,
    FakeWeb,
    as_records,
    build_handler,
    fetch_requested,
    is_pending,
    list_announced,
    list_requests,
    load_picture,
    plan,
    plan_and_fetch,
    retry_and_fetch,
    save_article,
)


class TestUnavailableHosts:
    """Pictures of a host that must not be contacted now are parked without a request."""

    @pytest.fixture
    def down(self):
        """The hosts whose URLs contain one of these words are down."""
        return {"dead"}

    @pytest.fixture
    def web(self):
        return FakeWeb(good=PICTURE, dead=PICTURE)

    @pytest.fixture
    def handler(self, web, clock, down):
        def refuse(key):
            is_down = any(word in key for word in down)
            return RetryLater("it is down", 300, is_host_failure=False) if is_down else None

        return build_handler(web, clock, refuse)

    async def test_they_are_parked_when_planned(self, store, clock, web, handler):
        await save_article(store, "a", "good", "dead")
        await save_article(store, "b", "dead")
        events = await plan(handler, store, "a", "b")
        assert list_requests(events) == [("h.example", "good")]
        assert list_announced(events) == ["b"]
        five_minutes = timedelta(seconds=300)
        for fetch in await store.parked.list_earliest():
            assert (fetch.attempts, fetch.due - clock()) == (1, five_minutes)
        parked = await store.parked.list_earliest()
        assert sorted(fetch.article_id for fetch in parked) == ["a", "b"]
        assert list_announced(await fetch_requested(handler, store, events)) == ["b", "a"]
        assert web.requested_names == ["good"]

    async def test_they_are_parked_when_requested(self, store, web, handler, down):
        down.clear()
        await save_article(store, "a", "good", "dead")
        planned = await plan(handler, store, "a")
        down.add("dead")
        assert list_announced(await fetch_requested(handler, store, planned)) == ["a"]
        assert web.requested_names == ["good"]
        assert [fetch.attempts for fetch in await store.parked.list_earliest()] == [1]

    async def test_they_are_parked_again_when_due(self, store, clock, handler, down):
        await save_article(store, "a", "dead")
        await plan(handler, store, "a")
        clock.now += timedelta(seconds=300)
        assert await handler.retry_parked(store) == []
        (fetch,) = await store.parked.list_earliest()
        assert (fetch.attempts, fetch.claim) == (2, "")
        down.clear()
        clock.now += timedelta(seconds=300)
        assert set(list_announced(await retry_and_fetch(handler, store))) == {"a"}
        assert (await load_picture(store, "dead")).state == "cached"

    async def test_they_fail_after_the_last_attempt(self, store, clock, web, handler):
        await save_article(store, "a", "dead")
        web.outcomes["dead"] = RetryLater("it is down", 300, is_host_failure=False)
        await plan(handler, store, "a")
        for _ in range(2):
            clock.now += timedelta(hours=1)
            events = await retry_and_fetch(handler, store)
        assert (await load_picture(store, "dead")).reason.startswith("gave-up")
        assert set(list_announced(events)) == {"a"}

    async def test_a_further_article_waits_with_the_others(self, store, clock, handler):
        await save_article(store, "a", "dead")
        await plan(handler, store, "a")
        clock.now += timedelta(seconds=10)
        await save_article(store, "b", "dead")
        assert list_announced(await plan(handler, store, "b")) == ["b"]
        assert len({fetch.due for fetch in await store.parked.list_earliest()}) == 1

    async def test_a_cached_picture_stays_and_is_checked_another_time(
        self, store, clock, web, handler, down
    ):
        down.clear()
        await save_article(store, "a", "dead")
        await plan_and_fetch(handler, store, "a")
        down.add("dead")
        clock.now += timedelta(days=2)
        web.outcomes["dead"] = RetryLater("it is down", 300, is_host_failure=False)
        await save_article(store, "b", "dead")
        assert list_announced(await plan_and_fetch(handler, store, "b")) == ["b"]
        assert await store.parked.count() == 0


class TestSlowPictures:
    @pytest.fixture
    async def web(self, store, clock):
        """A slow picture of two articles, parked for both."""
        web = FakeWeb(slow=SLOW)
        await save_article(store, "a", "slow")
        await save_article(store, "b", "slow")
        events = await plan_and_fetch(build_handler(web, clock), store, "a", "b")
        assert sorted(list_announced(events)) == ["a", "b"]
        return web

    async def retry(self, web, store, clock):
        """By another worker."""
        return await retry_and_fetch(build_handler(web, clock), store)

    async def list_attempts(self, store):
        return [fetch.attempts for fetch in await store.parked.list_earliest()]

    async def test_a_slow_picture_holds_up_no_stage(self, store, web):
        assert not await is_pending(store, "a")
        assert await store.parked.count() == 2
        assert web.requested == [("slow", 3)]

    async def test_it_is_not_retried_early(self, store, clock, web):
        clock.now += timedelta(seconds=59)
        assert await build_handler(web, clock).retry_parked(store) == []

    async def test_it_goes_to_the_owner_of_its_host_when_due(self, store, clock, web):
        clock.now += timedelta(seconds=60)
        handler = build_handler(web, clock)
        retries = await handler.retry_parked(store)
        assert list_requests(retries) == [("h.example", "slow"), ("h.example", "slow")]
        assert all(is_wanted_again(record) for record in as_records(retries))
        assert await handler.retry_parked(store) == []
        assert web.requested == [("slow", 3)]

    async def test_it_gets_a_long_attempt_and_is_removed_once_announced(self, store, clock, web):
        web.outcomes["slow"] = PICTURE
        clock.now += timedelta(seconds=60)
        events = await self.retry(web, store, clock)
        assert web.requested[1:] == [("slow", 30)]
        assert set(list_announced(events)) == {"a", "b"}
        assert await store.parked.count() == 2
        await save_acknowledgements(events, store)
        assert await store.parked.count() == 0

    async def test_a_crash_before_the_announcement_leaves_it_to_the_next_claim(
        self, store, clock, web
    ):
        web.outcomes["slow"] = PICTURE
        clock.now += timedelta(seconds=60)
        lost = await self.retry(web, store, clock)
        assert await self.retry(web, store, clock) == []  # until the lease ends
        clock.now += timedelta(minutes=15)
        again = await self.retry(web, store, clock)
        assert sorted(list_announced(again)) == sorted(list_announced(lost))
        assert len(web.requested) == 2  # its bytes are stored already

    async def test_a_repeated_record_is_one_attempt(self, store, clock, web):
        handler = build_handler(web, clock)
        clock.now += timedelta(seconds=60)
        retries = await handler.retry_parked(store)
        await fetch_requested(handler, store, retries)
        await fetch_requested(handler, store, retries)
        assert web.requested == [("slow", 3), ("slow", 30)]
        assert await self.list_attempts(store) == [2, 2]

    async def test_a_further_article_waits_with_those_that_wait_already(self, store, clock, web):
        await save_article(store, "c", "slow")
        events = await plan_and_fetch(build_handler(web, clock), store, "c")
        assert list_announced(events) == ["c"]
        assert len(web.requested) == 1
        parked = await store.parked.list_earliest()
        assert [fetch.article_id for fetch in parked] == ["a", "b", "c"]
        assert len({(fetch.due, fetch.attempts) for fetch in parked}) == 1

    async def test_a_picture_that_stays_slow_fails_and_is_announced(self, store, clock, web):
        clock.now += timedelta(seconds=60)
        assert set(list_announced(await self.retry(web, store, clock))) == {"a", "b"}
        assert await self.list_attempts(store) == [2, 2]
        clock.now += timedelta(seconds=120)
        events = await self.retry(web, store, clock)
        assert set(list_announced(events)) == {"a", "b"}
        assert (await load_picture(store, "slow")).reason.startswith("gave-up")
        await save_acknowledgements(events, store)
        assert await store.parked.count() == 0

    async def test_a_full_host_queue_costs_no_attempt(self, store, clock, web):
        web.outcomes["slow"] = RetryLater("the queue is full", retry_after=10, is_attempt=False)
        for _ in range(5):
            clock.now += timedelta(seconds=60)
            await self.retry(web, store, clock)
        assert await self.list_attempts(store) == [1, 1]
        assert len(web.requested) == 6

    async def test_retry_after_is_obeyed(self, store, clock, web):
        web.outcomes["slow"] = RetryLater("503", retry_after=7200)
        clock.now += timedelta(seconds=60)
        await self.retry(web, store, clock)
        due = {fetch.due for fetch in await store.parked.list_earliest()}
        assert due == {clock.now + timedelta(hours=2)}

    async def test_work_that_the_article_no_longer_needs_is_removed(self, store, clock, web):
        await save_article(store, "a", "good", version=2)
        clock.now += timedelta(seconds=60)
        (retry,) = await build_handler(web, clock).retry_parked(store)
        assert json.loads(retry.value) == {"articleId": "b", "url": "https://h.example/slow"}
        parked = await store.parked.list_earliest()
        assert [fetch.article_id for fetch in parked] == ["b"]


class TestWorkThatAlwaysFails:
    """max_attempts is 3, and the first one was made when the picture was parked."""

    @pytest.fixture
    async def handler(self, store, clock):
        handler = build_handler(FakeWeb(slow=SLOW), clock)
        await save_article(store, "a", "slow")
        await save_article(store, "b", "slow")
        await plan_and_fetch(handler, store, "a", "b")
        clock.now += timedelta(seconds=60)
        return handler

    async def test_a_rejected_request_is_put_off_and_given_up_after_its_last_attempt(
        self, store, clock, handler
    ):
        (record, _) = as_records(await handler.retry_parked(store))
        await handler.put_off_rejected(record, "a fault of ours", store)
        put_off, _ = sorted(
            await store.parked.list_earliest(), key=lambda fetch: fetch.attempts, reverse=True
        )
        assert (put_off.attempts, put_off.reason) == (2, "a fault of ours")
        assert put_off.due == clock.now + timedelta(seconds=120)
        await handler.put_off_rejected(record, "a fault of ours", store)
        assert len(await store.parked.list_earliest()) == 1

    async def test_a_rejected_record_that_is_no_request_changes_nothing(
        self, store, clock, handler
    ):
        (record, _) = as_records(await handler.retry_parked(store))
        await handler.put_off_rejected(replace(record, value=b"junk"), "x", store)
        assert [fetch.attempts for fetch in await store.parked.list_earliest()] == [1, 1]

    async def test_an_article_that_cannot_be_read_stops_the_work_of_no_other(
        self, store, clock, handler
    ):
        broken = StoredArticle("a", b"---\ntitle: 1: 2\n---\n", 2, ("a",), clock.now, clock.now)
        assert await store.articles.save([ArticleWrite(broken, 1)]) == [True]
        events = await handler.retry_parked(store)
        assert [json.loads(event.value)["articleId"] for event in events] == ["b"]
        reasons = {each.article_id: each.reason for each in await store.parked.list_earliest()}
        assert "a second colon" in reasons["a"]
