"""All services in one process, over a real broker and store, driven by the test.

The order of writes is that of `shared/broker`: save the state, send the event, mark it announced,
commit the offset.
"""

import io
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer
from PIL import Image

from services.console.audit import Report, audit
from services.console.audit.repairs.repair import RepairResult, repair
from services.enrichment.images.decoding.verification import verify_picture
from services.enrichment.images.fetch_outcome import FetchOutcome, RetryLater, Validators
from services.enrichment.images.handlers import ImagesHandler
from services.enrichment.images.scheduling.fetch_coordinator import FetchCoordinator
from services.enrichment.images.scheduling.retry_policy import RetryPolicy
from services.enrichment.related.main import build_handler
from services.enrichment.related.settings import RelatedSettings
from services.ingest.handlers import IngestHandler
from services.publishing.deciding.reconciler import Reconciler
from services.publishing.deciding.rules import Rules
from services.publishing.handlers import PublishingHandler
from shared.broker.network.connection import fetch_cluster_id, open_producer, open_reader
from shared.broker.network.partitions import list_partitions, read_end_offsets
from shared.broker.records import Event, to_record
from shared.broker.sending.sender import Sender
from shared.broker.topic_creation import create_missing_topics
from shared.clock import now
from shared.events.acknowledgements import save_acknowledgements
from shared.events.topics import (
    ENRICHED,
    INGESTED,
    PUBLISHED_LOG,
    PUBLISHED_STATE,
    SEEDS,
    WANTED,
    load_topics,
)
from shared.settings import Settings
from shared.store import ArticleWrite, Store, connect
from tests.conftest import start_apache_kafka, start_mongo_stand_in

PUBLISHED = (PUBLISHED_LOG, PUBLISHED_STATE)
URL = "https://p.example/1.png"


def picture(width: int = 40, height: int = 30) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), (200, 30, 90)).save(buffer, "PNG")
    return buffer.getvalue()


def seed(name: str, quality: int = 80, title: str = "", image: str = "") -> bytes:
    lines = [
        "---",
        f'title: "{title or f"Harbour strike in Varnholm, {name}"}"',
        "publishedDateTime: 2026-03-02T10:00:00Z",
        f'webUrl: "https://paper.example/{name}"',
        f"quality: {quality}",
    ]
    if image:
        lines += ["images:", f'  - url: "{image}"']
    lines += ['secured: "c2VjcmV0;aXY="', "---", ""]
    return "\n".join(lines).encode()


class Newsroom:
    """*withheld* holds pairs of topic and event id that are never sent, unnoticed by the sender."""

    def __init__(
        self, settings: Settings, store: Store, sender: Sender, client: Any, cluster: str
    ) -> None:
        self.settings, self.store, self.client, self.cluster = settings, store, client, cluster
        self.withheld: set[tuple[str, str]] = set()
        self.pictures: dict[str, bytes] = {}
        self._sender = sender
        coordinator = FetchCoordinator(self._fetch, RetryPolicy(), now, lambda: 0.5)
        self.images = ImagesHandler(coordinator, now, reads_pages=False)
        self.publishing = PublishingHandler(Reconciler(Rules(), now), now, overdue_seconds=30)
        self.related = build_handler(RelatedSettings(related_preset="broad"))
        self._services = {
            "ingest": (SEEDS, IngestHandler(now, overdue_seconds=30).handle),
            "images": (INGESTED, self.images.plan),
            "images.fetch": (WANTED, self.images.fetch),
            "related": (INGESTED, self.related.handle),
            "publishing": (ENRICHED, self.publishing.handle),
        }

    async def drop(self, *seeds: bytes) -> None:
        for content in seeds:
            await self.client.send_and_wait(SEEDS, content, key=b"k")

    async def work(self, *names: str) -> None:
        """Let these services handle their records; without names all do, then retry parked work."""
        for name in names or self._services:
            await self._handle_all(name)
        if not names:
            await self.deliver(await self.images.retry_parked(self.store))
            for name in ("images.fetch", "publishing"):
                await self._handle_all(name)

    async def deliver(self, events: Iterable[Event]) -> None:
        sent = [event for event in events if (event.topic, _id(event)) not in self.withheld]
        await self._sender.send(sent)
        await save_acknowledgements(list(events), self.store)

    async def audit(self, **options: Any) -> Report:
        return await audit(self.settings, self.store, **options)

    async def find_id(self, name: str) -> str:
        article = await self.store.articles.find(f"paper.example/{name}")
        assert article is not None
        return article.id

    async def replace_seed(self, name: str, old: bytes, new: bytes) -> str:
        """Write to the store what no service writes; returns the id of the article."""
        article_id = await self.find_id(name)
        article = (await self.store.articles.get([article_id]))[article_id]
        assert old in article.seed
        damaged = replace(article, seed=article.seed.replace(old, new, 1))
        write = ArticleWrite(damaged, article.version, article.writes)
        assert await self.store.articles.save([write]) == [True]
        return article_id

    async def repair(self, dry_run: bool = False) -> list[RepairResult]:
        done = await repair(await self.audit(), self.settings, self.store, dry_run)
        await self.work()
        return done

    async def records(self, topic: str) -> list[Any]:
        """All records of a topic, as aiokafka returns them."""
        found: list[Any] = []
        async with open_reader(self.settings) as client:
            client.assign(await list_partitions(self.settings, topic))
            end = await read_end_offsets(client)
            await client.seek_to_beginning()
            while any([await client.position(p) < offset for p, offset in end.items()]):
                for records in (await client.getmany(timeout_ms=100)).values():
                    found += records
        return found

    async def _handle_all(self, name: str) -> None:
        """Handle what is in the topic now, and what handling it adds: publishing wakes itself."""
        while await self._handle_present(name):
            pass

    async def _handle_present(self, name: str) -> int:
        """Handle what the group has not committed when this begins; returns how many records.

        Each time has a reader of its own, because one that has fetched everything does not know
        of records that came later.
        """
        topic, handle = self._services[name]
        assigned = await list_partitions(self.settings, topic)
        handled = 0
        async with open_reader(self.settings, f"seedwire.{name}") as client:
            client.assign(assigned)
            while batch := await _batch(client):
                records = [to_record(self.cluster, raw) for raw in batch]
                await self.deliver(await handle(records, self.store))
                await client.commit({p: await client.position(p) for p in assigned})
                handled += len(batch)
        return handled

    @asynccontextmanager
    async def _fetch(
        self, url: str, seconds: float, known: Validators, store: Store
    ) -> AsyncIterator[FetchOutcome]:
        content = self.pictures.get(url)
        yield RetryLater("it is slow") if content is None else verify_picture(content)


async def _batch(client: AIOKafkaConsumer) -> list[Any]:
    """Some records that the group has not committed; empty once it has committed all."""
    end = await read_end_offsets(client)
    done = {partition: await client.committed(partition) or 0 for partition in end}
    for partition, offset in done.items():
        client.seek(partition, offset)
    behind = [partition for partition, offset in done.items() if offset < end[partition]]
    found: list[Any] = []
    while behind and not found:
        for records in (await client.getmany(*behind, timeout_ms=100)).values():
            found += records
    return found


def _id(event: Event) -> str:
    return (dict(event.headers).get("ce_id") or b"").decode()


@contextmanager
def start_real_engines(folder: Path) -> Iterator[Settings]:
    """Start an Apache Kafka and a stand-in for MongoDB of the test's own; yields their settings."""
    with (
        start_apache_kafka(folder / "kafka") as kafka,
        start_mongo_stand_in(folder / "mongo") as mongo,
    ):
        yield Settings(home=folder, store=mongo["SEEDWIRE_STORE"], kafka=kafka["SEEDWIRE_KAFKA"])


@asynccontextmanager
async def newsroom(settings: Settings) -> AsyncIterator[Newsroom]:
    """Open a newsroom on the engines of *settings*, and create their topics."""
    store = connect(settings.store_url)
    await store.open()
    try:
        await create_missing_topics(settings, load_topics())
        cluster = await fetch_cluster_id(settings)
        async with open_producer(settings) as client:
            yield Newsroom(settings, store, Sender(client), client, cluster)
    finally:
        await store.close()
