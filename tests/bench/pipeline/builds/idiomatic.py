"""The idiomatic build: the same work as the libraries' tutorials would have it.

    python -m tests.bench.pipeline.builds.idiomatic ingest|publish KAFKA STORE

FastStream with one message a handler, PyYAML, a pydantic model, one write an article (motor, or
SQLite in a thread), and every publication awaited. It is as durable as Seedwire: the offset of a
message is committed after its handler returned.
"""

import asyncio
import json
import sqlite3
import sys
from typing import Any, Protocol

import yaml
from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker, KafkaMessage
from motor.motor_asyncio import AsyncIOMotorClient

from tests.bench.pipeline.builds.floor import PUBLISH_AT, Fields, name_article

_SAVE_ARTICLE = "INSERT OR REPLACE INTO articles VALUES (?, ?)"
_SAVE_DECISION = "INSERT OR REPLACE INTO decisions VALUES (?, ?)"
_TABLES = """
CREATE TABLE IF NOT EXISTS articles (id TEXT PRIMARY KEY, document BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS decisions (id TEXT PRIMARY KEY, document BLOB NOT NULL);
"""


class Repository(Protocol):
    async def save_article(self, article_id: str, document: str) -> None: ...

    async def load_article(self, article_id: str) -> str: ...

    async def save_decision(self, article_id: str, document: str) -> None: ...


class SqliteRepository:
    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(path, timeout=30, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.executescript(_TABLES)

    async def save_article(self, article_id: str, document: str) -> None:
        await asyncio.to_thread(self._write, _SAVE_ARTICLE, article_id, document)

    async def load_article(self, article_id: str) -> str:
        return await asyncio.to_thread(self._read, article_id)

    async def save_decision(self, article_id: str, document: str) -> None:
        await asyncio.to_thread(self._write, _SAVE_DECISION, article_id, document)

    def _write(self, statement: str, article_id: str, document: str) -> None:
        with self._connection:
            self._connection.execute(statement, (article_id, document))

    def _read(self, article_id: str) -> str:
        query = "SELECT document FROM articles WHERE id = ?"
        return str(self._connection.execute(query, (article_id,)).fetchone()[0])


class MotorRepository:
    def __init__(self, url: str) -> None:
        client: Any = AsyncIOMotorClient(url, w="majority", journal=True)
        self._database = client.get_default_database()

    async def save_article(self, article_id: str, document: str) -> None:
        await self._replace("articles", article_id, document)

    async def load_article(self, article_id: str) -> str:
        found = await self._database["articles"].find_one({"_id": article_id})
        return str(found["document"])

    async def save_decision(self, article_id: str, document: str) -> None:
        await self._replace("decisions", article_id, document)

    async def _replace(self, collection: str, article_id: str, document: str) -> None:
        fields = {"document": document}
        await self._database[collection].replace_one({"_id": article_id}, fields, upsert=True)


def build_app(role: str, kafka: str, url: str) -> FastStream:
    is_sqlite = url.startswith("sqlite:///")
    repository: Repository = (
        SqliteRepository(url.removeprefix("sqlite:///")) if is_sqlite else MotorRepository(url)
    )
    broker = KafkaBroker(kafka, acks="all", logger=None)
    if role == "ingest":
        _subscribe_ingest(broker, repository)
    else:
        _subscribe_publish(broker, repository)
    return FastStream(broker, logger=None)


def _subscribe_ingest(broker: KafkaBroker, repository: Repository) -> None:
    @broker.subscriber(
        "seeds",
        group_id="idiomatic.ingest",
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.NACK_ON_ERROR,
        fetch_max_wait_ms=100,
    )
    async def take_in(body: bytes, message: KafkaMessage) -> None:
        front_matter = yaml.safe_load(body.split(b"---\n", 2)[1])
        fields = Fields.model_validate(front_matter)
        article_id, _ = name_article(front_matter)
        await repository.save_article(article_id, fields.model_dump_json())
        receipt = {"status": "accepted", "articleId": article_id}
        key = article_id.encode()
        await broker.publish({"articleId": article_id}, "articles.ingested", key=key)
        await broker.publish(receipt, "seeds.receipts", key=key)


def _subscribe_publish(broker: KafkaBroker, repository: Repository) -> None:
    @broker.subscriber(
        "articles.ingested",
        group_id="idiomatic.publish",
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.NACK_ON_ERROR,
        fetch_max_wait_ms=100,
    )
    async def publish(body: dict[str, Any]) -> None:
        article_id = body["articleId"]
        fields = Fields.model_validate_json(await repository.load_article(article_id))
        if fields.quality < PUBLISH_AT:
            return
        own = {"id": article_id, "heat": fields.quality, "published": True, "revision": 1}
        document = {**fields.model_dump(mode="json"), **own}
        await repository.save_decision(article_id, json.dumps(document))
        key = article_id.encode()
        await broker.publish(document, "published.state", key=key)
        await broker.publish(document, "published.log", key=key)


if __name__ == "__main__":
    asyncio.run(build_app(*sys.argv[1:4]).run())
