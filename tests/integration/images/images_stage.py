"""The handlers of images over a real store and a fake web, and what tests ask of them."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from services.enrichment.images.fetch_outcome import (
    Failure,
    FailureKind,
    FetchOutcome,
    RetryLater,
    Validators,
    VerifiedPicture,
)
from services.enrichment.images.handlers import ImagesHandler
from services.enrichment.images.pages.page_metadata import PageMetadata
from services.enrichment.images.scheduling.fetch_coordinator import FetchCoordinator, Refuse
from services.enrichment.images.scheduling.retry_policy import RetryPolicy
from shared.broker.records import Event, Record
from shared.clock import now
from shared.events.article_events import build_article_ingested
from shared.events.topics import ENRICHED, WANTED
from shared.store import AliasClaim, ArticleWrite, Picture, Store, StoredArticle

PICTURE = VerifiedPicture(b"bytes", "image/jpeg", 640, 480, 1)
GONE = Failure(FailureKind.NOT_FOUND, "the host answered 404")
SLOW = RetryLater("it took longer than 3 s")
SEED = """---
title: "{0}"
publishedDateTime: 2026-03-02T10:00:00Z
webUrl: "https://p.example/{0}"
images:
{1}---
"""


class FakeWeb:
    """Has an outcome for each name, which is the last part of a URL.

    *requested* are the names with the seconds that each attempt had. While *may_respond* is not
    set, every fetch waits for it.
    """

    def __init__(self, **outcomes: FetchOutcome | PageMetadata) -> None:
        self.outcomes = outcomes
        self.requested: list[tuple[str, float]] = []
        self.validators: list[Validators] = []
        self.may_respond = asyncio.Event()
        self.may_respond.set()

    @asynccontextmanager
    async def fetch(
        self, key: str, seconds: float, validators: Validators, store: Store
    ) -> AsyncIterator[FetchOutcome | PageMetadata]:
        name = last_part(key)
        self.requested.append((name, seconds))
        self.validators.append(validators)
        await self.may_respond.wait()
        yield self.outcomes[name]

    @property
    def requested_names(self) -> list[str]:
        return [name for name, _ in self.requested]


class FakeClock:
    def __init__(self) -> None:
        self.now = now()

    def __call__(self) -> datetime:
        return self.now


def build_handler(
    web: FakeWeb,
    clock: FakeClock,
    refuse: Refuse = lambda _: None,
    reads_pages: bool = False,
) -> ImagesHandler:
    policy = RetryPolicy(max_attempts=3)
    coordinator = FetchCoordinator(web.fetch, policy, clock, lambda: 1.0, refuse=refuse)
    return ImagesHandler(coordinator, clock, reads_pages)


async def save_article(
    store: Store, name: str, *pictures: str, version: int = 1, is_related: bool = True
) -> None:
    """An article that names these *pictures*: names of `h.example`, or URLs without a scheme.

    *is_related*: whether related is done with it.
    """
    images = ""
    for picture in pictures:
        url = picture if "/" in picture else f"//h.example/{picture}"
        images += f'  - url: "https:{url}"\n'
    seed = SEED.format(name, images or "  []\n").encode()
    await store.articles.claim_aliases([AliasClaim(name, (name,))])
    article = StoredArticle(name, seed, version, (name,), now(), now())
    assert await store.articles.save([ArticleWrite(article, version - 1)]) == [True]
    if is_related:
        await store.articles.complete_stage("related", {name: version})


def as_records(events: Iterable[Event]) -> list[Record]:
    records = []
    for offset, event in enumerate(events):
        record = Record("c", event.topic, 0, offset, now(), event.key, event.value, event.headers)
        records.append(record)
    return records


async def ingested_records(store: Store, *names: str) -> list[Record]:
    articles = await store.articles.get(names)
    return as_records(build_article_ingested(article) for article in articles.values())


def select_requests(events: Iterable[Event]) -> list[Event]:
    return [event for event in events if event.topic == WANTED]


def select_enriched(events: Iterable[Event]) -> list[Event]:
    return [event for event in events if event.topic == ENRICHED]


def list_requests(events: Sequence[Event]) -> list[tuple[str, str]]:
    """Host and name of each request among *events*, whose ids are distinct."""
    requests = select_requests(events)
    assert len({dict(event.headers)["ce_id"] for event in requests}) == len(requests)
    listed = []
    for event in requests:
        assert event.key is not None
        assert event.value is not None
        listed.append((event.key.decode(), last_part(json.loads(event.value)["url"])))
    return listed


def list_announced(events: Iterable[Event]) -> list[str]:
    """The articles that *events* announce as enriched."""
    return [event.key.decode() for event in select_enriched(events) if event.key]


async def plan(handler: ImagesHandler, store: Store, *names: str) -> list[Event]:
    return await handler.plan(await ingested_records(store, *names), store)


async def fetch_requested(
    handler: ImagesHandler, store: Store, events: Sequence[Event]
) -> list[Event]:
    """Fetch what *events* request; the enriched events of both."""
    requests = select_requests(events)
    fetched = await handler.fetch(as_records(requests), store) if requests else []
    return select_enriched([*events, *fetched])


async def plan_and_fetch(handler: ImagesHandler, store: Store, *names: str) -> list[Event]:
    """As one worker does; the enriched events."""
    return await fetch_requested(handler, store, await plan(handler, store, *names))


async def retry_and_fetch(handler: ImagesHandler, store: Store) -> list[Event]:
    return await fetch_requested(handler, store, await handler.retry_parked(store))


async def is_pending(store: Store, name: str) -> bool:
    article = (await store.articles.get([name]))[name]
    return "images" in article.pending


async def count_touches(store: Store, *names: str) -> list[int]:
    articles = await store.articles.get(names)
    return [articles[name].touches for name in names]


async def load_picture(store: Store, name: str) -> Picture:
    url = f"https://h.example/{name}"
    return (await store.pictures.get([url]))[url]


async def wait_until(condition: Callable[[], bool]) -> None:
    """Let the other tasks run until it holds; they wait for nothing but each other."""
    async with asyncio.timeout(10):
        while True:
            if condition():
                return
            await asyncio.sleep(0)


def last_part(url: str) -> str:
    return url.rpartition("/")[2]
