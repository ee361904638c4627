"""Planted bugs: what the fault suite must catch to be worth anything.

They live here alone; the product has no way to switch them on.
"""

import asyncio
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from shared.broker.reading.commits.committer import Commit
from shared.broker.reading.consumer import Consumer
from shared.broker.reading.delivery import Delivery
from shared.broker.records import Event, Record
from shared.events.acknowledgements import save_acknowledgements
from shared.events.topics import PUBLISHED_LOG
from shared.runtime.service import Input, Service
from shared.runtime.worker import Worker
from shared.store import Store
from tests.faults.faulty.erratic_consumer import ErraticConsumer, ErraticWorker


class CommitFirstConsumer(ErraticConsumer):
    """Commits the offset before the state is saved."""

    async def _deliver(
        self, records: Sequence[Record], commit: Commit, previous: asyncio.Task[bool] | None
    ) -> bool:
        if commit.offsets:
            await self._committer.commit(commit, self._subscriber.consumer)
        return await super()._deliver(records, replace(commit, offsets={}), previous)


class CommitFirstWorker(ErraticWorker):
    consumer_class = CommitFirstConsumer


class SendFirstConsumer(ErraticConsumer):
    """Sends ingest's events before its articles are saved."""

    source: Input
    store: Store

    async def _deliver(
        self, records: Sequence[Record], commit: Commit, previous: asyncio.Task[bool] | None
    ) -> bool:
        store = _StoreWithDelayedSaves(self.store)
        events = await self.source.handle(records, cast("Store", store))
        await self._delivery._sender.send(events)
        await self.store.articles.save(store.articles.delayed)
        await save_acknowledgements(events, self.store)
        if commit.offsets:
            await self._committer.commit(commit, self._subscriber.consumer)
        return True


class SendFirstWorker(ErraticWorker):
    consumer_class = SendFirstConsumer

    def _build_consumer(self, source: Input, delivery: Delivery) -> Consumer:
        consumer = super()._build_consumer(source, delivery)
        assert isinstance(consumer, SendFirstConsumer)
        consumer.source, consumer.store = source, self._store
        return consumer


class _StoreWithDelayedSaves:
    def __init__(self, store: Store) -> None:
        self._store = store
        self.articles = _DelayedArticles(store.articles)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


class _DelayedArticles:
    """Collects the saves instead of making them, and says that each was made."""

    def __init__(self, articles: Any) -> None:
        self._articles = articles
        self.delayed: list[Any] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._articles, name)

    async def save(self, writes: Sequence[Any]) -> list[bool]:
        self.delayed += writes
        return [True] * len(writes)


def _use_random_ids(service: Service) -> Service:
    """Give a published event a new id each time it is sent."""

    async def handle(records: Sequence[Record], store: Store) -> list[Event]:
        return [_replace_id(event) for event in await service.handle(records, store)]

    return replace(service, handle=handle)


def _replace_id(event: Event) -> Event:
    if event.topic != PUBLISHED_LOG:
        return event
    headers = dict(event.headers) | {"ce_id": uuid.uuid4().hex.encode()}
    return replace(event, headers=tuple(headers.items()))


def _keep(service: Service) -> Service:
    return service


@dataclass(frozen=True)
class Bug:
    """The worker that runs a service with the bug, and what changes about the service."""

    worker: type[Worker] = ErraticWorker
    change: Callable[[Service], Service] = _keep


NO_BUG = Bug()
BUGS = {
    "commit-first": Bug(worker=CommitFirstWorker),
    "send-first": Bug(worker=SendFirstWorker),
    "random-ids": Bug(change=_use_random_ids),
}
"""By name. The harness chooses the service that gets the bug."""
