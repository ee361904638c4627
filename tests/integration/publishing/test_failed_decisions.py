"""An article that can never be decided: tried ever later, set aside, and resumed by a redrive."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from services.publishing.deciding.reconciler import Reconciler
from services.publishing.deciding.rules import Rules
from services.publishing.handlers import PublishingHandler
from shared.broker.reading.delivery import Delivery
from shared.broker.records import Event, Record
from shared.broker.sending.sender import Refusal
from shared.clock import now
from shared.events.rejections import ATTEMPT_HEADER, RECORD_HEADER
from shared.events.topics import ENRICHED, REJECTED
from shared.runtime.service import Input
from shared.runtime.store_delivery import build_delivery
from shared.settings import Settings
from shared.store import ArticleWrite, Store, StoredArticle, connect
from shared.store.failed_tasks import MAX_ATTEMPTS, load_failed

SWEEP = timedelta(seconds=15)
GOOD_SEED = b"""---
title: "Ferries lie idle"
publishedDateTime: 2026-03-02T10:00:00Z
webUrl: "https://paper.example/%s"
quality: 80
---
"""
UNREADABLE_SEED = b"---\ntitle: 1: 2\n---\n"


class Clock:
    def __init__(self) -> None:
        self.now = now() + timedelta(hours=1)

    def __call__(self) -> datetime:
        return self.now


class FakeSender:
    def __init__(self) -> None:
        self.sent: list[Event] = []

    async def send(
        self, events: Sequence[Event], *, is_last_attempt: bool = False
    ) -> list[Refusal]:
        self.sent += events
        return []


class Newsroom:
    """Publishing with its sweep, its delivery and a topic that is always read at once."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.clock = Clock()
        self.sender = FakeSender()
        self.handler = PublishingHandler(Reconciler(Rules(), self.clock), self.clock, 30)
        self.attempts: list[bytes | None] = []  # the keys of all records that were delivered
        self.attempted_at: list[datetime] = []
        self._offset = 0
        self._delivery: Delivery = build_delivery(
            Input("publishing", ENRICHED, handle=self.handler.handle, task="decision"),
            store,
            self.sender,  # type: ignore[arg-type]
            Settings(),
            clock=self.clock,
        )

    async def save(self, name: str, seed: bytes, version: int = 1) -> None:
        alias = f"https://paper.example/{name}"
        article = StoredArticle(name, seed, version, (alias,), self.clock(), self.clock())
        assert await self.store.articles.save([ArticleWrite(article, version - 1)]) == [True]
        await self.store.articles.mark_announced({name: version})
        await self.store.articles.complete_stage("images", {name: version})
        await self.store.articles.complete_stage("related", {name: version})

    async def deliver(self, event: Event, headers: Sequence[tuple[str, bytes]] = ()) -> None:
        self._offset += 1
        self.attempts.append(event.key)
        self.attempted_at.append(self.clock())
        every = (*event.headers, *headers)
        record = Record("c", ENRICHED, 0, self._offset, self.clock(), event.key, event.value, every)
        await self._delivery.deliver([record])

    async def sweep_for(self, duration: timedelta) -> None:
        end = self.clock() + duration
        while self.clock.now < end:
            for event in await self.handler.sweep(self.store):
                await self.deliver(event)
            self.clock.now += SWEEP


@pytest.fixture
async def newsroom(store_url: str) -> AsyncIterator[Newsroom]:
    store = connect(store_url)
    await store.open()
    yield Newsroom(store)
    await store.close()


async def test_it_is_tried_five_times_and_set_aside_as_one_case(newsroom: Newsroom):
    await newsroom.save("bad", UNREADABLE_SEED)
    await newsroom.save("good", GOOD_SEED % b"good")
    await newsroom.sweep_for(timedelta(hours=4))
    assert newsroom.attempts.count(b"bad") == MAX_ATTEMPTS
    assert newsroom.attempts.count(b"good") == 1
    (failed,) = (await load_failed("decision", newsroom.store)).values()
    assert (failed.article_id, failed.is_set_aside) == ("bad", True)
    assert "SeedError" in failed.failure.reason
    (case,) = await newsroom.store.rejected.list_page()
    assert (case.id, case.state, case.key) == (failed.failure.case_id, "open", b"bad")
    assert sum(event.topic == REJECTED for event in newsroom.sender.sent) == 1
    await newsroom.sweep_for(timedelta(hours=1))
    assert newsroom.attempts.count(b"bad") == MAX_ATTEMPTS


async def test_the_pauses_grow_with_each_failure(newsroom: Newsroom):
    await newsroom.save("bad", UNREADABLE_SEED)
    await newsroom.sweep_for(timedelta(hours=2))
    pauses = [later - earlier for earlier, later in pairwise(newsroom.attempted_at)]
    assert [pause // timedelta(minutes=1) for pause in pauses] == [1, 4, 16, 64]


async def test_a_repeat_of_the_first_failure_announces_its_case_again(newsroom: Newsroom):
    """The process died before the rejection was acknowledged: Kafka delivers the record again."""
    await newsroom.save("bad", UNREADABLE_SEED)
    newsroom.clock.now += timedelta(minutes=1)
    (event,) = await newsroom.handler.sweep(newsroom.store)
    await newsroom.deliver(event)
    newsroom._offset -= 1
    await newsroom.deliver(event)
    first, again = [event for event in newsroom.sender.sent if event.topic == REJECTED]
    assert first.headers == again.headers


async def test_a_redrive_tries_once_more_and_resolves_the_case(newsroom: Newsroom):
    await newsroom.save("bad", UNREADABLE_SEED)
    await newsroom.sweep_for(timedelta(hours=4))
    (case,) = await newsroom.store.rejected.list_page()
    event = Event(case.topic, case.key, case.value, case.headers)

    async def redrive() -> str:
        attempt = await newsroom.store.rejected.add_redrive(case.id, "me", newsroom.clock())
        assert attempt is not None
        headers = [(RECORD_HEADER, case.id.encode()), (ATTEMPT_HEADER, b"%d" % attempt.number)]
        await newsroom.deliver(event, headers)
        (found,) = await newsroom.store.rejected.list_page()
        return found.state

    assert await redrive() == "open"
    await newsroom.sweep_for(timedelta(hours=1))
    assert len(newsroom.attempts) == MAX_ATTEMPTS + 1
    await newsroom.save("bad", GOOD_SEED % b"bad", version=2)
    assert await redrive() == "resolved"
    await newsroom.sweep_for(SWEEP)
    assert await load_failed("decision", newsroom.store) == {}
    assert (await newsroom.store.decisions.get(["bad"]))["bad"].published


async def test_a_new_version_is_decided_at_once_and_closes_the_case(newsroom: Newsroom):
    await newsroom.save("bad", UNREADABLE_SEED)
    await newsroom.sweep_for(timedelta(hours=4))
    await newsroom.save("bad", GOOD_SEED % b"bad", version=2)
    await newsroom.sweep_for(timedelta(minutes=2))
    assert (await newsroom.store.decisions.get(["bad"]))["bad"].published
    assert await load_failed("decision", newsroom.store) == {}
    (case,) = await newsroom.store.rejected.list_page()
    assert case.state == "dismissed"
    assert case.dismissal is not None
    assert (case.dismissal.by, case.dismissal.reason) == (
        "publishing",
        "handled at a later attempt",
    )
