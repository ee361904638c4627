"""The floor: the same work, written by hand as fast as we can, without any of the promises.

    python -m tests.bench.pipeline.builds.floor ingest|publish|relay KAFKA STORE

Two loops over aiokafka, in batches: one takes seeds in, the other publishes. They read YAML with
`yaml-rs` and check fields with pydantic, write in bulk and as durably as Seedwire, and send the
same records to the same topics: receipts, `articles.ingested`, `published.state` and
`published.log`. The order is state, then event, then offset. There is no framework, no alias
beyond one URL, no history, no listing, no retry, no rejection; a crash may send an event twice.

`relay` is what a stage of enrichment cannot do without: read the event, read the article, send the
event on.
"""

import asyncio
import hashlib
import sys
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from zlib import crc32

import orjson
import yaml_rs
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from pydantic import BaseModel, ConfigDict

from tests.bench.pipeline.builds.floor_store import Article, Decision, FloorStore, open_floor_store
from tests.bench.pipeline.harness.topics import PARTITIONS

BATCH = 500
PUBLISH_AT = 70
Record = tuple[str, bytes, bytes, str]
"""A topic, a key, a value, and the kind of the event."""
Handle = Callable[[Sequence[Any], FloorStore], Awaitable[list[list[Record]]]]
"""From a batch to records in phases: a phase is sent after the last was acknowledged."""


class Provider(BaseModel):
    name: str
    domain: str | None = None


class Fields(BaseModel):
    """The fields of a seed that are looked at; others are carried."""

    model_config = ConfigDict(extra="allow")

    title: str
    publishedDateTime: datetime
    originalUrl: str | None = None
    webUrl: str | None = None
    quality: int = 0
    excerpt: str | None = None
    category: str | None = None
    provider: Provider | None = None
    topics: list[str] = []


def parse(content: bytes) -> dict[str, Any]:
    """The fields of a seed, checked."""
    front_matter = content.split(b"---\n", 2)[1]
    fields: dict[str, Any] = yaml_rs.loads(front_matter.decode(), parse_datetime=False)
    Fields.model_validate(fields)
    return fields


def name_article(fields: dict[str, Any]) -> tuple[str, str]:
    """Its id and its URL."""
    url = fields.get("webUrl") or fields["originalUrl"]
    url = url.partition("?")[0].rstrip("/").lower().removeprefix("https://")
    return hashlib.sha256(url.encode()).hexdigest()[:26], url


async def ingest(records: Sequence[Any], store: FloorStore) -> list[list[Record]]:
    articles: list[Article] = []
    out: list[Record] = []
    for record in records:
        article_id, url = name_article(parse(record.value))
        articles.append((article_id, url, record.value))
        seed = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
        receipt = {"seed": seed, "status": "accepted", "articleId": article_id}
        announced = {"articleId": article_id, "version": 1}
        key = article_id.encode()
        out.append(("seeds.receipts", key, orjson.dumps(receipt), "seed.receipt"))
        out.append(("articles.ingested", key, orjson.dumps(announced), "article.ingested"))
    await store.save_articles(articles)
    return [out]


async def publish(records: Sequence[Any], store: FloorStore) -> list[list[Record]]:
    ids = [record.key.decode() for record in records]
    seeds = await store.load_articles(ids)
    decisions: list[Decision] = []
    for article_id in ids:
        fields = parse(seeds[article_id])
        heat = fields.get("quality", 0)
        if heat >= PUBLISH_AT:
            url = fields.get("webUrl") or fields["originalUrl"]
            own = {"id": article_id, "url": url, "revision": 1, "heat": heat, "published": True}
            document = orjson.dumps({**fields, **own, "images": [], "related": []})
            decisions.append((article_id, heat, document))
    await store.save_decisions(decisions)
    published = [(d[0].encode(), d[2], "article.published") for d in decisions]
    topics = ("published.state", "published.log")
    return [[(topic, *record) for record in published] for topic in topics]


async def relay(records: Sequence[Any], store: FloorStore) -> list[list[Record]]:
    await store.load_articles([record.key.decode() for record in records])
    kind = "article.enriched"
    return [[("articles.enriched", record.key, record.value, kind) for record in records]]


HANDLERS: dict[str, tuple[str, Handle]] = {
    "ingest": ("seeds", ingest),
    "publish": ("articles.ingested", publish),
    "relay": ("articles.ingested", relay),
}


async def send(producer: AIOKafkaProducer, records: Iterable[Record]) -> None:
    """Send a phase in as few requests as there are partitions; return once it is acknowledged."""
    batches = defaultdict(producer.create_batch)
    sent: list[Any] = []
    now = datetime.now(UTC).isoformat().encode()
    for topic, key, value, kind in records:
        partition = crc32(key) % PARTITIONS[topic]
        headers = _build_headers(key, kind, now)
        batch = batches[topic, partition]
        if batch.append(key=key, value=value, timestamp=None, headers=headers) is None:
            sent.append(await producer.send_batch(batch, topic, partition=partition))
            batch = batches[topic, partition] = producer.create_batch()
            batch.append(key=key, value=value, timestamp=None, headers=headers)
    for (topic, partition), batch in batches.items():
        sent.append(await producer.send_batch(batch, topic, partition=partition))
    await asyncio.gather(*sent)


def _build_headers(key: bytes, kind: str, now: bytes) -> list[tuple[str, bytes]]:
    name = kind.encode()
    return [
        ("ce_specversion", b"1.0"),
        ("ce_id", key + b".1"),
        ("ce_type", b"io.seedwire." + name + b".v1"),
        ("ce_subject", key),
        ("ce_time", now),
        ("content-type", b"application/json"),
        ("ce_dataschema", b"https://seedwire.io/schemas/" + name + b".v1.json"),
        ("ce_source", b"https://seedwire.io/newsroom/local"),
    ]


async def run(role: str, kafka: str, url: str) -> None:
    topic, handle = HANDLERS[role]
    store = await open_floor_store(url)
    producer = AIOKafkaProducer(bootstrap_servers=kafka, acks="all", max_batch_size=1_000_000)
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=kafka,
        group_id=f"floor.{role}",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=100,
        session_timeout_ms=6000,
        heartbeat_interval_ms=1000,
    )
    await producer.start()
    await consumer.start()
    while True:
        batches = await consumer.getmany(timeout_ms=500, max_records=BATCH)
        records = [record for batch in batches.values() for record in batch]
        if records:
            for phase in await handle(records, store):
                await send(producer, phase)
            await consumer.commit()


if __name__ == "__main__":
    asyncio.run(run(*sys.argv[1:4]))
