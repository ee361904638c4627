"""Ingest on a store of its own: drops seeds, and returns their receipts."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.ingest.handlers import IngestHandler
from shared.broker.records import Event, Record
from shared.events.topics import RECEIPTS
from shared.store import Store, StoredArticle, connect

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def write_seed(title: str = "Rain", more: str = "", body: str = "", **urls: str) -> bytes:
    """A seed with these URLs, by the names of their fields."""
    lines = [f'{name}: "https://{url}"' for name, url in urls.items()]
    fields = "\n".join([*lines, more] if more else lines)
    return (
        f'---\ntitle: "{title}"\npublishedDateTime: 2026-03-02T10:00:00Z\n{fields}\n---\n{body}'
    ).encode()


class IngestTrial:
    """Ingest at noon. Records come one after the other into a partition."""

    def __init__(self, store: Store, has_given_relations: bool = False) -> None:
        self.store = store
        self._handler = IngestHandler(lambda: NOW, 60, has_given_relations)
        self._offset = 0

    def make_record(self, seed: bytes, partition: int = 0, at: datetime = NOW) -> Record:
        self._offset += 1
        return Record("c", "seeds", partition, self._offset, at, None, seed)

    async def drop(self, *seeds: bytes) -> list[dict[str, Any]]:
        """Drop each seed in a batch of its own; returns the receipts."""
        receipts: list[dict[str, Any]] = []
        for seed in seeds:
            receipts += await self.handle(self.make_record(seed))
        return receipts

    async def drop_together(self, *seeds: bytes) -> list[dict[str, Any]]:
        """Drop the seeds in one batch; returns the receipts in their order."""
        return await self.handle(*[self.make_record(seed) for seed in seeds])

    async def handle(self, *records: Record) -> list[dict[str, Any]]:
        receipts = read_receipts(await self._handler.handle(records, self.store))
        order = {record.offset: number for number, record in enumerate(records)}
        return sorted(receipts, key=lambda receipt: order[receipt["seed"]["offset"]])

    async def load_articles(self) -> dict[str, StoredArticle]:
        articles = await self.store.articles.list_page()
        return {article.id: article for article in articles}


def read_receipts(events: list[Event]) -> list[dict[str, Any]]:
    return [json.loads(event.value or b"") for event in events if event.topic == RECEIPTS]


def list_statuses(receipts: list[dict[str, Any]]) -> list[str]:
    return [receipt["status"] for receipt in receipts]


def count_articles(receipts: list[dict[str, Any]]) -> int:
    return len({receipt["articleId"] for receipt in receipts})


@asynccontextmanager
async def open_trial(folder: Path) -> AsyncIterator[IngestTrial]:
    store = connect(f"sqlite:///{folder}/seedwire.db")
    await store.open()
    try:
        yield IngestTrial(store)
    finally:
        await store.close()
