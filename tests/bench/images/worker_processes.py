"""Real worker processes over a real store and broker: the rate at which they store pictures."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from aiokafka.partitioner import murmur2

from shared.broker.network.connection import open_producer
from shared.broker.sending.sender import Sender
from shared.broker.topic_creation import create_missing_topics
from shared.clock import now
from shared.events.article_events import build_article_ingested
from shared.events.topics import WANTED, load_topics
from shared.settings import Settings
from shared.store import AliasClaim, ArticleWrite, Store, StoredArticle, connect
from tests.bench.images.hosts import HOSTS, NETWORK, host_address
from tests.conftest import Processes, start_embedded_broker

DEAD_NETWORK = "127.3.0.0/16"
# A consumer group that has just formed may rebalance, which takes six seconds.
SETTLED_SECONDS = 10
PICTURES_PER_ARTICLE = 4
SEND_BATCH = 500
SEED = """---
title: "Article {0}"
publishedDateTime: 2026-03-02T10:00:00Z
webUrl: "https://paper.example/{0}"
images:
{1}---
"""


def select_balanced_hosts(number: int) -> list[str]:
    """The same number of hosts for each partition: one worker is compared with two, not the luck of
    a hash."""
    partitions = next(topic.partitions for topic in load_topics() if topic.name == WANTED)
    groups: list[list[str]] = [[] for _ in range(partitions)]
    for name in map(host_address, count()):
        groups[(murmur2(name.encode()) & 0x7FFFFFFF) % partitions].append(name)
        if min(map(len, groups)) * partitions >= number:
            break
    return [name for group in groups for name in group[: number // partitions]]


def build_articles(urls: Sequence[str], prefix: str) -> list[StoredArticle]:
    articles: list[StoredArticle] = []
    for start in range(0, len(urls), PICTURES_PER_ARTICLE):
        article_id = f"{prefix}{len(articles)}"
        articles.append(_build_article(article_id, urls[start : start + PICTURES_PER_ARTICLE]))
    return articles


def _build_article(article_id: str, urls: Sequence[str]) -> StoredArticle:
    images = "".join(f'  - url: "{url}"\n' for url in urls)
    seed = SEED.format(article_id, images).encode()
    return StoredArticle(article_id, seed, 1, (article_id,), now(), now())


def interleave(*groups: Sequence[StoredArticle]) -> list[StoredArticle]:
    """All articles, each group spread evenly over the list."""
    placed: list[tuple[float, StoredArticle]] = []
    for group in groups:
        placed += [(n / len(group), article) for n, article in enumerate(group)]
    placed.sort(key=lambda place_and_article: place_and_article[0])
    return [article for _, article in placed]


@contextmanager
def run_workers(number: int, **settings: str) -> Iterator[Processes]:
    """A broker, a store, and so many image workers."""
    with tempfile.TemporaryDirectory() as name, start_embedded_broker(Path(name)) as kafka:
        folder = Path(name)
        environment = {
            "SEEDWIRE_HOME": name,
            "SEEDWIRE_STORE": f"sqlite:///{folder / 'seedwire.db'}",
            "SEEDWIRE_IMAGES_ALLOW_NETWORKS": f"{NETWORK},{DEAD_NETWORK}",
            **kafka,
        }
        processes = Processes(folder, environment)
        try:
            for instance in range(number):
                processes.start("services.enrichment.images", str(instance), **settings)
            yield processes
        finally:
            processes.close()


async def measure_rate(
    processes: Processes, number: int, good: Sequence[str], dead: Sequence[str] = ()
) -> float:
    """Pictures a second of the *good* URLs, beside *dead* ones.

    The first of each good host do not count: they show that the workers are at work. Articles are
    saved before, because saving them is not the workers' job.
    """
    first = build_articles(good[:HOSTS], "first")
    rest = interleave(build_articles(good[HOSTS:], "good"), build_articles(dead, "dead"))
    store = connect(processes.settings.store_url)
    await store.open()
    try:
        await save_articles([*first, *rest], store)
        await wait_until_working(store, number)
        await announce_until_stored(HOSTS, first, processes.settings, store)
        start = time.perf_counter()
        await announce_until_stored(len(good), rest, processes.settings, store)
        return (len(good) - HOSTS) / (time.perf_counter() - start)
    finally:
        await store.close()


async def announce_until_stored(
    number: int, articles: Sequence[StoredArticle], settings: Settings, store: Store
) -> None:
    """Announce articles; returns when *number* pictures are stored."""
    await announce(articles, settings)
    async for _ in ticks():
        if (await store.pictures.counts())["cached"] >= number:
            return


async def wait_until_working(store: Store, number: int) -> None:
    """Wait until *number* workers have been at work for SETTLED_SECONDS."""
    start = time.perf_counter()
    async for _ in ticks():
        heartbeats = await store.workers.list_heartbeats()
        working = [heartbeat for heartbeat in heartbeats if heartbeat.state == "working"]
        if len(working) < number:
            start = time.perf_counter()
        if time.perf_counter() - start > SETTLED_SECONDS:
            return


async def ticks() -> AsyncIterator[None]:
    """Now, and every 50 ms, for three minutes at the most."""
    async with asyncio.timeout(180):
        while True:
            yield
            await asyncio.sleep(0.05)


async def save_articles(articles: Sequence[StoredArticle], store: Store) -> None:
    claims = [AliasClaim(article.id, article.aliases) for article in articles]
    await store.articles.claim_aliases(claims)
    assert all(await store.articles.save([ArticleWrite(article, 0) for article in articles]))


async def announce(articles: Sequence[StoredArticle], settings: Settings) -> None:
    await create_missing_topics(settings, load_topics())
    events = [build_article_ingested(article) for article in articles]
    async with open_producer(settings) as client:
        sender = Sender(client)
        for start in range(0, len(events), SEND_BATCH):
            await sender.send(events[start : start + SEND_BATCH])
