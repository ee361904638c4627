"""All services in one process, over a real broker and store: worked by hand, so that a test decides what happens when.

Nothing is sent or committed but in the order that `shared/broker` keeps: state, event, settled, offset.
"""

import io
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer
from PIL import Image

from services.console.audit import Report, audit
from services.console.audit.repair import Repaired, repair
from services.enrichment.images.decoding.verification import measure
from services.enrichment.images.fetching.fetch_outcome import Later, Outcome, Validators
from services.enrichment.images.handlers import Images
from services.enrichment.images.scheduling.fetch_coordinator import Desk as ImagesDesk
from services.enrichment.images.scheduling.retry_policy import Patience
from services.enrichment.related.main import related
from services.enrichment.related.settings import RelatedSettings
from services.ingest.handlers import Ingest
from services.publishing.handlers import Publishing
from services.publishing.reconciler import Desk
from services.publishing.rules import Rules
from shared.broker.connection import cluster_id, ends, partitions, producer, reader
from shared.broker.records import Event, record
from shared.broker.sender import Sender, settle
from shared.broker.topics import (
    ENRICHED,
    INGESTED,
    PUBLISHED_LOG,
    PUBLISHED_STATE,
    SEEDS,
    WANTED,
    declared,
    ensure,
)
from shared.clock import now
from shared.settings import Settings
from shared.store import Store, connect

PUBLISHED = (PUBLISHED_LOG, PUBLISHED_STATE)


def picture(width: int = 40, height: int = 30) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), (200, 30, 90)).save(buffer, "PNG")
    return buffer.getvalue()


def seed(name: str, quality: int = 80, title: str = "", image: str = "") -> bytes:
    pictures = f'images:\n  - url: "{image}"\n' if image else ""
    return (
        f'---\ntitle: "{title or f"Harbour strike in Varnholm, {name}"}"\npublishedDateTime: 2026-03-02T10:00:00Z\n'
        f'webUrl: "https://paper.example/{name}"\nquality: {quality}\n{pictures}secured: "c2VjcmV0;aXY="\n---\n'
    ).encode()


class Newsroom:
    """*withheld*: event ids that never reach the topic named with them, though their sender believes so."""

    def __init__(
        self, settings: Settings, store: Store, sender: Sender, client: Any, cluster: str
    ) -> None:
        self.settings, self.store, self.client, self.cluster = settings, store, client, cluster
        self.withheld: set[tuple[str, str]] = set()
        self.pictures: dict[str, bytes] = {}
        self._sender = sender
        desk = ImagesDesk(self._fetch, Patience(), now, lambda: 0.5)
        self.images = Images(desk, now, pages=False)
        self.publishing = Publishing(Desk(Rules(), now), now, overdue_seconds=30)
        self.related = related(RelatedSettings(related_preset="broad"))
        self._services = {
            "ingest": (SEEDS, Ingest(now, overdue_seconds=30).handle),
            "images": (INGESTED, self.images.plan),
            "images.fetch": (WANTED, self.images.fetch),
            "related": (INGESTED, self.related.handle),
            "publishing": (ENRICHED, self.publishing.handle),
        }

    async def drop(self, *seeds: bytes) -> None:
        for content in seeds:
            await self.client.send_and_wait(SEEDS, content, key=b"k")

    async def work(self, *names: str) -> None:
        """Each of these services (all) handles what is there for it; then parked work is taken up."""
        for name in names or self._services:
            await self._handle_all(name)
        if not names:
            await self.deliver(await self.images.take_up(self.store))
            for name in ("images.fetch", "publishing"):
                await self._handle_all(name)

    async def deliver(self, events: Iterable[Event]) -> None:
        sent = [event for event in events if (event.topic, _id(event)) not in self.withheld]
        await self._sender.send(sent)
        await settle(list(events), self.store)

    async def audit(self, **options: Any) -> Report:
        return await audit(self.settings, self.store, **options)

    async def repair(self, dry_run: bool = False) -> list[Repaired]:
        done = await repair(await self.audit(), self.settings, self.store, dry_run)
        await self.work()
        return done

    async def records(self, topic: str) -> list[Any]:
        """All of a topic, as the client has them."""
        found: list[Any] = []
        async with reader(self.settings) as client:
            client.assign(await partitions(self.settings, topic))
            end = await ends(client)
            await client.seek_to_beginning()
            while any([await client.position(p) < offset for p, offset in end.items()]):
                for records in (await client.getmany(timeout_ms=100)).values():
                    found += records
        return found

    async def _handle_all(self, name: str) -> None:
        topic, handle = self._services[name]
        assigned = await partitions(self.settings, topic)
        async with reader(self.settings, f"seedwire.{name}") as client:
            client.assign(assigned)
            while batch := await _batch(client):
                records = [record(self.cluster, raw) for raw in batch]
                await self.deliver(await handle(records, self.store))
                await client.commit({p: await client.position(p) for p in assigned})

    @asynccontextmanager
    async def _fetch(self, url: str, seconds: float, known: Validators) -> AsyncIterator[Outcome]:
        content = self.pictures.get(url)
        yield Later("it is slow") if content is None else measure(content)


async def _batch(client: AIOKafkaConsumer) -> list[Any]:
    """Some of what the group has not committed: nothing once that is everything."""
    end = await ends(client)
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


@asynccontextmanager
async def newsroom(settings: Settings) -> AsyncIterator[Newsroom]:
    """On the engines of *settings*, whose topics are made."""
    store = connect(settings.store_url)
    await store.open()
    try:
        await ensure(settings, declared())
        cluster = await cluster_id(settings)
        async with producer(settings) as client:
            yield Newsroom(settings, store, Sender(client), client, cluster)
    finally:
        await store.close()
