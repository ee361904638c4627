"""All four services in one process and on one thread, batch by batch, so that a profiler sees all.

Kafka is left out: the events of one service are the records of the next. SQLite runs on the calling
thread instead of one of its own, which changes what waits for whom and not what it costs.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from concurrent.futures import Executor, Future
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from services.enrichment.images.main import build as build_images
from services.enrichment.related.main import build_handler as build_related
from services.enrichment.related.settings import RelatedSettings
from services.ingest.handlers import IngestHandler
from services.publishing.main import build_handler as build_publishing
from services.publishing.settings import PublishingSettings
from shared.broker.records import Event, Record
from shared.clock import now
from shared.events.acknowledgements import save_acknowledgements
from shared.events.state_topic_repair import StateRepairs
from shared.events.topics import ENRICHED, INGESTED, SEEDS
from shared.store import Store, connect
from shared.store.sqlite.engine import database
from tests.bench.pipeline.harness.seeds import Seed

BATCH = 200
ReadsWith = Literal["on", "off"]
Handle = Callable[[Sequence[Record], Store], Awaitable[list[Event]]]
Task = Callable[[Store], Awaitable[list[Event]]]


class InlineExecutor(Executor):
    """Does the work at once, on the thread that submits it, and raises its errors there."""

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


@dataclass
class Stage:
    """A service, what it cost, and what it sent."""

    name: str
    handle: Handle
    cpu: float = 0.0  # seconds
    sent: dict[str, int] = field(default_factory=dict)

    async def run(self, records: Sequence[Record], store: Store) -> list[Event]:
        """Handle a batch as `Delivery` does, without Kafka; returns the events."""
        return await self._account(self.handle(records, store), store)

    async def run_task(self, task: Task, store: Store) -> list[Event]:
        """The same for a periodic task of the service."""
        return await self._account(task(store), store)

    async def _account(self, work: Awaitable[list[Event]], store: Store) -> list[Event]:
        began = time.process_time()
        events = await work
        await save_acknowledgements(events, store)
        await StateRepairs(store).find(events)
        self.cpu += time.process_time() - began
        for event in events:
            self.sent[event.topic] = self.sent.get(event.topic, 0) + 1
        return events


class InlineNewsroom:
    def __init__(self, store: Store, reader: ReadsWith = "off") -> None:
        images, _ = build_images()
        ingest = IngestHandler(now, 30.0)
        related = build_related(RelatedSettings(related_model=reader), now)
        publishing = build_publishing(PublishingSettings())
        self.store = store
        self._recompute: Task = related.recompute
        self.at_work = ""  # the name of the service
        self.stages = {
            "ingest": Stage("ingest", ingest.handle),
            "images": Stage("images", images.handle),
            "related": Stage("related", related.handle),
            "publishing": Stage("publishing", publishing.handle),
        }

    def watch_statements(self, notice: Callable[[str, str], None]) -> None:
        """Call *notice* with the service and each statement that SQLite runs for it."""
        store: Any = self.store
        connection = store.articles._database._connection
        connection.set_trace_callback(lambda statement: notice(self.at_work, statement))

    async def take_in(self, seeds: Sequence[Seed], offset: int = 0) -> None:
        """Bring one batch of seeds through every service."""
        records = [_build_record(seed, offset + n) for n, seed in enumerate(seeds)]
        announced = _select(await self._run("ingest", records), INGESTED)
        events: list[Event] = []
        for name in ("images", "related"):
            events += await self._run(name, announced)
        while await self.store.neighbourhoods.count_dirty():
            self.at_work = "related"
            events += await self.stages["related"].run_task(self._recompute, self.store)
        while woken := _select(events, ENRICHED):
            events = await self._run("publishing", woken)

    async def _run(self, name: str, records: Sequence[Record]) -> list[Event]:
        self.at_work = name
        return await self.stages[name].run(records, self.store)


def _build_record(seed: Seed, offset: int) -> Record:
    return Record("bench", SEEDS, 0, offset, datetime.now(UTC), seed.key, seed.content, ())


def _select(events: Iterable[Event], topic: str) -> list[Record]:
    records: list[Record] = []
    for number, event in enumerate(events):
        if event.topic == topic:
            content = (event.key, event.value, event.headers)
            records.append(Record("bench", topic, 0, number, datetime.now(UTC), *content))
    return records


@asynccontextmanager
async def open_inline_store(folder: Path) -> AsyncIterator[Store]:
    """A new SQLite store that works on the calling thread, and as durable as by default."""
    threaded = database.ThreadPoolExecutor
    database.ThreadPoolExecutor = InlineExecutor  # type: ignore[misc, assignment]
    try:
        store = connect(f"sqlite:///{folder / 'inline.db'}")
        await store.open()
        try:
            yield store
        finally:
            await store.close()
            await asyncio.sleep(0)
    finally:
        database.ThreadPoolExecutor = threaded  # type: ignore[misc]
