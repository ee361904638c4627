"""Planted bugs: what a suite that bites must catch. They live here alone; the product has no way to switch them on."""

import asyncio
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, cast

from shared.broker.consumer import Offsets
from shared.broker.records import Event, Record
from shared.broker.sender import settle
from shared.broker.topics import PUBLISHED_LOG
from shared.runtime.service import Service
from shared.runtime.worker import Worker
from shared.store import Save, Store
from tests.faults.erratic import ErraticConsumer, ErraticWorker

Change = Callable[[Service], Service]
Bug = tuple[type[Worker], Change]


class CommitsFirst(ErraticConsumer):
    """The offset is committed before the state is saved."""

    async def _deliver(
        self, records: Sequence[Record], offsets: Offsets, before: asyncio.Task[bool] | None
    ) -> bool:
        if offsets:
            await self._commit(offsets, self._membership.rebalances)
        return await super()._deliver(records, {}, before)


class CommittingFirst(ErraticWorker):
    consumer = CommitsFirst


class SendsFirst(ErraticConsumer):
    """Ingest's events are sent before its articles are saved."""

    async def _deliver(
        self, records: Sequence[Record], offsets: Offsets, before: asyncio.Task[bool] | None
    ) -> bool:
        delivery = self._delivery
        store = _Postponed(delivery._store)
        events = await delivery._handler(records, cast("Store", store))
        await delivery._sender.send(events)
        await delivery._store.articles.save(store.saves)
        await settle(events, delivery._store)
        if offsets:
            await self._commit(offsets, self._membership.rebalances)
        return True


class SendingFirst(ErraticWorker):
    consumer = SendsFirst


class _Postponed:
    """A store whose saves of articles are put off."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.saves: list[Save] = []

    def __getattr__(self, name: str) -> Any:
        return (
            self
            if name == "articles"
            else getattr(self._store, name, None) or getattr(self._store.articles, name)
        )

    async def save(self, saves: Sequence[Save]) -> list[bool]:
        self.saves += saves
        return [True] * len(saves)


def _random_ids(service: Service) -> Service:
    """The id of a published event is new each time."""

    async def handle(records: Sequence[Record], store: Store) -> list[Event]:
        return [_with_new_id(event) for event in await service.handle(records, store)]

    return replace(service, handle=handle)


def _with_new_id(event: Event) -> Event:
    if event.topic != PUBLISHED_LOG:
        return event
    headers = tuple((k, uuid.uuid4().hex.encode() if k == "ce_id" else v) for k, v in event.headers)
    return replace(event, headers=headers)


def untouched() -> Bug:
    return ErraticWorker, lambda service: service


BUGS: dict[str, Bug] = {
    "commit-first": (CommittingFirst, lambda service: service),
    "send-first": (SendingFirst, lambda service: service),
    "random-ids": (ErraticWorker, _random_ids),
}
"""By name: a worker and what is done to its service. The service it is planted in is the harness's choice."""
