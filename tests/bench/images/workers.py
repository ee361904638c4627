"""Real worker processes over a real store and broker: how long until all pictures of good hosts are kept."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from itertools import count, islice
from pathlib import Path

from aiokafka.partitioner import murmur2

from shared.broker.connection import producer
from shared.broker.sender import Sender
from shared.broker.topics import WANTED, declared, ensure
from shared.clock import now
from shared.events.catalogue import ingested
from shared.settings import Settings
from shared.store import Claim, Save, Store, StoredArticle, connect
from tests.bench.images.hosts import HOSTS, NETWORK, address
from tests.conftest import Processes, embedded_broker

DEAD_NETWORK = "127.3.0.0/16"
SETTLED_SECONDS = 10
PER_ARTICLE = 4  # pictures
SEED = """---
title: "Article {0}"
publishedDateTime: 2026-03-02T10:00:00Z
webUrl: "https://paper.example/{0}"
images:
{1}---
"""


def balanced(hosts: int) -> list[str]:
    """As many hosts of each partition: what is compared is one worker with two, not the luck of a hash."""
    partitions = next(topic.partitions for topic in declared() if topic.name == WANTED)
    names: list[list[str]] = [[] for _ in range(partitions)]
    for name in map(address, count()):
        names[(murmur2(name.encode()) & 0x7FFFFFFF) % partitions].append(name)
        if min(map(len, names)) * partitions >= hosts:
            return [name for group in names for name in group[: hosts // partitions]]
    raise AssertionError


def articles(urls: Sequence[str], prefix: str) -> list[StoredArticle]:
    groups = [urls[n : n + PER_ARTICLE] for n in range(0, len(urls), PER_ARTICLE)]
    return [_article(f"{prefix}{number}", group) for number, group in enumerate(groups)]


def _article(name: str, urls: Sequence[str]) -> StoredArticle:
    seed = SEED.format(name, "".join(f'  - url: "{url}"\n' for url in urls)).encode()
    return StoredArticle(name, seed, 1, (name,), now(), now())


def mixed(*groups: Sequence[StoredArticle]) -> list[StoredArticle]:
    """Spread evenly among each other."""
    placed = [(n / len(group), article) for group in groups for n, article in enumerate(group)]
    return [article for _, article in sorted(placed, key=lambda pair: pair[0])]


@contextmanager
def workers(number: int, **settings: str) -> Iterator[Processes]:
    """A broker, a store, and so many image workers that are in their groups."""
    with tempfile.TemporaryDirectory() as name, embedded_broker(Path(name)) as kafka:
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


async def rate(
    processes: Processes, number: int, good: Sequence[str], dead: Sequence[str] = ()
) -> float:
    """Pictures a second, of all of *good* but the first of each host: those only show that the workers are at work.

    Articles are saved before: what saving them costs is not the workers'.
    """
    first, rest = (
        articles(good[:HOSTS], "first"),
        mixed(articles(good[HOSTS:], "good"), articles(dead, "dead")),
    )
    store = connect(processes.settings.store_url)
    await store.open()
    try:
        await save_all([*first, *rest], store)
        await ready(store, number)
        await until_kept(HOSTS, first, processes.settings, store)
        since = time.perf_counter()
        await until_kept(len(good), rest, processes.settings, store)
        return (len(good) - HOSTS) / (time.perf_counter() - since)
    finally:
        await store.close()


async def until_kept(
    number: int, announced: Sequence[StoredArticle], settings: Settings, store: Store
) -> None:
    """Announce articles; returns when *number* pictures are kept."""
    await announce(announced, settings)
    async for _ in ticks():
        if (await store.pictures.counts())["cached"] >= number:
            return


async def ready(store: Store, number: int) -> None:
    """Until all are at work and stay so: a group that has just formed may form anew, which takes six seconds."""
    since = time.perf_counter()
    async for _ in ticks():
        if sum(beat.state == "working" for beat in await store.workers.all()) < number:
            since = time.perf_counter()
        if time.perf_counter() - since > SETTLED_SECONDS:
            return


async def ticks() -> AsyncIterator[None]:
    """Now, and again and again, for three minutes at most."""
    async with asyncio.timeout(180):
        for _ in count():
            yield
            await asyncio.sleep(0.05)


async def save_all(announced: Sequence[StoredArticle], store: Store) -> None:
    await store.articles.claim([Claim(article.id, article.aliases) for article in announced])
    assert all(await store.articles.save([Save(article, 0) for article in announced]))


async def announce(announced: Sequence[StoredArticle], settings: Settings) -> None:
    await ensure(settings, declared())
    async with producer(settings) as client:
        sender, events = Sender(client), iter([ingested(article) for article in announced])
        while part := list(islice(events, 500)):
            await sender.send(part)
