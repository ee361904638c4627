"""Two workers of publishing at the same time, over one store and one topic in memory."""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from services.publishing.deciding.reconciler import Reconciler
from services.publishing.deciding.rules import Rules
from services.publishing.handlers import PublishingHandler
from shared.broker.records import Event, Record
from shared.events.acknowledgements import save_acknowledgements
from shared.events.article_events import build_article_enriched
from shared.events.topics import ENRICHED, PUBLISHED_LOG
from shared.store import Store
from tests.unit.publishing.memory_store import NOW, MemoryStore, ProcessKilled, make_article

MAX_HANDLED = 3000  # records: eight articles that are not at rest by then never will be


class TwoWorkers:
    """The workers, their store, their queues, and the log that they write.

    With *owned* an article is decided by one worker alone, as partitions ensure; without, by either
    of them, also at the same time. With *redelivers* the batch of a killed worker is delivered
    again; without, it is lost, and the sweep must find the work. With *wakes_relatives* a new
    version wakes all that are related to it; without, publishing has to wake whom it concerns.
    """

    def __init__(
        self,
        seed: int,
        rules: Rules,
        *,
        owned: bool,
        kill_chance: float = 0,
        redelivers: bool = True,
        wakes_relatives: bool = True,
    ) -> None:
        self.chance = random.Random(seed)
        self.store = MemoryStore(self.chance, kill_chance)
        self.owned = owned
        self.redelivers = redelivers
        self.wakes_relatives = wakes_relatives
        self.queues: list[list[Event]] = [[], []]
        self.log: list[tuple[str, str, bytes]] = []  # article id, event id, value
        self.handled = 0
        self._ticks = 0
        self._is_open = False
        reconciler = Reconciler(rules, self._clock)
        self.publishing = PublishingHandler(reconciler, self._clock, overdue_seconds=-3600)

    def touch(self, *names: str) -> None:
        """As a stage of enrichment does: touch, then send."""
        self.store.touch(*names)
        for name in names:
            self._send(build_article_enriched(name, "related", f"{name}.v1"))

    def add_article(
        self, name: str, quality: int | None, linked: list[str], version: int = 1, **fields: Any
    ) -> None:
        self.store.add(make_article(name, quality, version=version, **fields))
        for other in linked:
            self.store.link(name, other)
        self.touch(name, *(linked if self.wakes_relatives else ()))

    async def work(self, make_changes: Callable[[], Awaitable[None]]) -> None:
        """Work while *make_changes* runs, and then until no work remains anywhere."""
        self._is_open = True
        await asyncio.gather(self._work(0), self._work(1), self._make_changes(make_changes))
        while woken := await self._sweep():
            for event in woken:
                self._send(event)
            await asyncio.gather(self._work(0), self._work(1))
        self.store.kill_chance = 0

    async def pause(self) -> None:
        """Let some store calls happen."""
        for _ in range(self.chance.randrange(60)):
            await asyncio.sleep(0)

    def read_revisions(self, name: str) -> list[tuple[int, dict[str, Any]]]:
        """Number and data of all revisions of an article in the log, repeats included."""
        revisions = []
        for key, event_id, value in self.log:
            if key == name:
                revisions.append((int(event_id.rpartition(".")[2]), json.loads(value)))
        return revisions

    async def _make_changes(self, make_changes: Callable[[], Awaitable[None]]) -> None:
        await make_changes()
        self._is_open = False

    async def _sweep(self) -> list[Event]:
        while True:
            try:
                return await self.publishing.sweep(self.store.as_store)
            except ProcessKilled:
                continue

    async def _work(self, number: int) -> None:
        queue = self.queues[number]
        while self._is_open or queue:
            size = self.chance.randint(1, 4)
            batch, queue[:size] = queue[:size], []
            self.handled += len(batch)
            assert self.handled < MAX_HANDLED
            try:
                await self._deliver([self._to_record(event) for event in batch])
            except ProcessKilled:
                if self.redelivers:
                    queue[:0] = batch
            await asyncio.sleep(0)

    async def _deliver(self, records: Sequence[Record]) -> None:
        events = await self.publishing.handle(records, self.store.as_store)
        for event in events:
            if self.chance.random() < self.store.kill_chance:
                raise ProcessKilled
            self._send(event)
        await save_acknowledgements(events, cast(Store, _AcknowledgedStore(self.store)))

    def _send(self, event: Event) -> None:
        assert event.key is not None
        if event.topic == ENRICHED:
            owner = ord(event.key[-1:]) % 2 if self.owned else self.chance.randrange(2)
            self.queues[owner].append(event)
        elif event.topic == PUBLISHED_LOG:
            assert event.value is not None
            event_id = (dict(event.headers)["ce_id"] or b"").decode()
            self.log.append((event.key.decode(), event_id, event.value))

    def _to_record(self, event: Event) -> Record:
        return Record("c", ENRICHED, 0, self.handled, NOW, event.key, event.value, event.headers)

    def _clock(self) -> datetime:
        self._ticks += 1
        return NOW + timedelta(milliseconds=self._ticks)


class _AcknowledgedStore:
    """The store as `save_acknowledgements` needs it; only decisions matter here."""

    def __init__(self, store: MemoryStore) -> None:
        self.decisions = store.decisions
        self.articles = self.parked = self

    async def mark_announced(self, versions: Mapping[str, int]) -> None: ...

    async def remove(self, work: Collection[object]) -> None: ...
