"""A newsroom in miniature: a store, a topic, two workers of publishing at once, and what they told the world."""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta

from services.publishing.handlers import Publishing
from services.publishing.reconciler import Desk
from services.publishing.rules import Rules
from shared.broker.records import Event, Record
from shared.broker.sender import settle
from shared.broker.topics import ENRICHED, PUBLISHED_LOG
from shared.events.catalogue import enriched
from tests.unit.publishing.memory import NOW, Died, MemoryStore, article

ENOUGH = 3000  # records: eight articles that have not settled by then never will


class Newsroom:
    """*owned*: an article is decided by one worker alone, as partitions have it; otherwise by any, at the same time.

    *redelivers*: the batch of a worker that died comes again; otherwise it is lost, and the sweep must find the work.
    """

    def __init__(
        self, seed: int, *, owned: bool, deaths: float = 0, redelivers: bool = True
    ) -> None:
        self.chance = random.Random(seed)
        self.store = MemoryStore(self.chance, deaths)
        self.owned, self.redelivers = owned, redelivers
        self.queues = [[], []]
        self.log: list[tuple[str, str, bytes]] = []  # key, event id, value
        self.handled = 0
        self._ticks = 0
        self._open = False
        self.publishing = Publishing(Desk(Rules(), self._clock), self._clock, overdue_seconds=-3600)

    def tell(self, *names: str) -> None:
        """As a stage of enrichment does: touch, then send."""
        self.store.touch(*names)
        for name in names:
            self._send(enriched(name, "related", f"{name}.v1"))

    def arrive(
        self, name: str, quality: int | None, linked: list[str], version: int = 1, **fields
    ) -> None:
        self.store.add(article(name, quality, version=version, **fields))
        for other in linked:
            self.store.link(name, other)
        self.tell(name, *linked)

    async def work(self, news: Callable[[], Awaitable[None]]) -> None:
        """Until *news* is over and nothing is left: no record, nothing waiting, nothing due."""
        self._open = True
        await asyncio.gather(self._worker(0), self._worker(1), self._bring(news))
        while woken := await self._sweep():
            for event in woken:
                self._send(event)
            await asyncio.gather(self._worker(0), self._worker(1))
        self.store.deaths = 0

    async def pause(self) -> None:
        """Some store calls happen meanwhile."""
        for _ in range(self.chance.randrange(60)):
            await asyncio.sleep(0)

    async def _bring(self, news: Callable[[], Awaitable[None]]) -> None:
        await news()
        self._open = False

    async def _sweep(self) -> list[Event]:
        try:
            return await self.publishing.sweep(self.store)
        except Died:
            return await self._sweep()

    async def _worker(self, number: int) -> None:
        queue = self.queues[number]
        while self._open or queue:
            size = self.chance.randint(1, 4)
            batch, queue[:size] = queue[:size], []
            self.handled += len(batch)
            assert self.handled < ENOUGH
            try:
                await self._deliver([self._record(event) for event in batch])
            except Died:
                queue[:0] = batch if self.redelivers else []
            await asyncio.sleep(0)

    async def _deliver(self, records) -> None:
        events = await self.publishing.handle(records, self.store)
        for event in events:
            if self.chance.random() < self.store.deaths:
                raise Died
            self._send(event)
        await settle(events, _Settled(self.store))

    def _send(self, event) -> None:
        if event.topic == ENRICHED:
            owner = ord(event.key[-1:]) % 2 if self.owned else self.chance.randrange(2)
            self.queues[owner].append(event)
        elif event.topic == PUBLISHED_LOG:
            self.log.append(
                (event.key.decode(), dict(event.headers)["ce_id"].decode(), event.value)
            )

    def _record(self, event) -> Record:
        return Record("c", ENRICHED, 0, self.handled, NOW, event.key, event.value, event.headers)

    def _clock(self):
        self._ticks += 1
        return NOW + timedelta(milliseconds=self._ticks)

    def revisions(self, name: str) -> list[tuple[int, dict]]:
        """What the log says of an article, repeats included."""
        return [
            (int(ident.rpartition(".")[2]), json.loads(value))
            for key, ident, value in self.log
            if key == name
        ]


class _Settled:
    """The store as `settle` needs it."""

    def __init__(self, store: MemoryStore) -> None:
        self.decisions = store.decisions
        self.articles = self.parked = self

    async def announced(self, versions) -> None: ...

    async def done(self, work) -> None: ...
