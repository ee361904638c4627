"""One process of a service: connects, consumes, does chores, says how it is, and stops cleanly.

Start-up and shut-down are read top to bottom in `work`.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Any

from aiokafka import AIOKafkaConsumer
from faststream import FastStream
from faststream.kafka import KafkaBroker

from shared.broker.connection import admin, cluster_id, producer
from shared.broker.consumer import Consumer
from shared.broker.delivery import Delivery
from shared.broker.framework import security
from shared.broker.invalid_limit import InvalidCap
from shared.broker.progress import Progress
from shared.broker.sender import Sender
from shared.broker.topics import declared, ensure
from shared.errors import EngineAway, SeedwireError
from shared.runtime.health_pages import health_pages
from shared.runtime.heartbeat import Heart
from shared.runtime.service import Chore, Input, Service
from shared.runtime.watchdog import Pulse
from shared.settings import Settings
from shared.store import Store

log = logging.getLogger(__name__)


class Worker:
    """A service at work in this process. Stops on SIGTERM within the grace time, or raises what it stopped for."""

    def __init__(self, service: Service, settings: Settings, store: Store) -> None:
        self._service = service
        self._settings = settings
        self._store = store
        self._failure: BaseException | None = None
        self._cluster = ""
        self._consumers: list[Consumer] = []
        self._progress = Progress(groups=[source.name for source in service.inputs])
        limit = settings.batch_limit_seconds
        self._pulse = Pulse(
            self._progress,
            self._clients,
            self._ping,
            settings.patience_seconds,
            limit,
            settings.way_in_seconds,
        )

    async def work(self) -> None:
        """Run until told to stop. Raises EngineAway (start again later) or Halted (a person must look)."""
        async with health_pages(self._settings, self._service.name, self._pulse.signs, self._lag):
            await self._work()

    async def _work(self) -> None:
        self._cluster = await self._prepare_cluster()
        async with producer(self._settings) as client:
            self._sender = Sender(client)
            self._deliveries = [self._delivery_to(source) for source in self._service.inputs]
            await self._greet_cluster()
            self._consumers = [
                self._consumer(*each)
                for each in zip(self._service.inputs, self._deliveries, strict=True)
            ]
            self._app = FastStream(self._subscribe(), logger=None, on_shutdown=[self._finish])
            async with self._alongside():
                await self._app.run()
        if self._failure is not None:
            raise self._failure

    def _delivery_to(self, source: Input) -> Delivery:
        cap, patience = InvalidCap(self._settings), self._settings.patience_seconds
        return Delivery(
            source.name, source.handle, self._store, self._sender, cap, patience, self._progress
        )

    def _consumer(self, source: Input, delivery: Delivery) -> Consumer:
        return Consumer(source, delivery, self._settings, self._cluster, self._stop_if_failed)

    async def _prepare_cluster(self) -> str:
        if created := await ensure(self._settings, declared()):
            log.info("created topics: %s", ", ".join(created))
        return await cluster_id(self._settings)

    async def _greet_cluster(self) -> None:
        """Send into a new cluster what the store knows and an empty topic does not."""
        if self._service.on_new_cluster is None:
            return
        if await self._store.workers.known_cluster(self._service.name) != self._cluster:
            await self._deliveries[0].announce(await self._service.on_new_cluster(self._store))
            await self._store.workers.remember_cluster(self._service.name, self._cluster)

    def _subscribe(self) -> KafkaBroker:
        broker = KafkaBroker(
            self._settings.kafka_address.split(","),  # FastStream takes one text for one address
            security=security(self._settings),
            apply_types=False,
            allow_auto_create_topics=False,
            graceful_timeout=self._settings.grace_seconds,
            logger=None,
        )
        for consumer in self._consumers:
            consumer.subscribe(broker)
        return broker

    async def _finish(self) -> None:
        """Before the broker is left: no further batch, and what is in hand is brought to its end."""
        for consumer in self._consumers:
            consumer.stop()
        await asyncio.gather(*(consumer.finish() for consumer in self._consumers))

    def _stop_if_failed(self, task: asyncio.Task[Any]) -> None:
        """Whatever a part of this process raises ends the process: the supervisor starts it anew."""
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error(
                "stopping: %s", error, exc_info=None if isinstance(error, SeedwireError) else error
            )
            self._failure = self._failure or error
            for consumer in self._consumers:
                consumer.stop()
            self._app.exit()

    @contextlib.asynccontextmanager
    async def _alongside(self) -> AsyncIterator[None]:
        """Chores and the heartbeat run beside the consumer, and end with it."""
        heart = Heart(self._service, self._settings, self._store, self._progress, self._lag)
        parts = [*map(self._repeat, self._service.chores), heart.beat(), self._watch()]
        tasks = [asyncio.create_task(part) for part in parts]
        for task in tasks:
            task.add_done_callback(self._stop_if_failed)
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._pulse.rest()
            await heart.last(self._failure)

    async def _repeat(self, chore: Chore) -> None:
        while True:
            try:
                await self._deliveries[0].announce(await chore.run(self._store))
            except EngineAway as error:
                log.warning("%s waits: %s", chore.name, error)
            await asyncio.sleep(chore.every)

    async def _watch(self) -> None:
        """A process that lives and does nothing must not go unseen."""
        while True:
            await asyncio.sleep(1)
            await self._pulse.look()
            for consumer in self._consumers:
                consumer.watch()

    async def _ping(self) -> None:
        async with admin(self._settings):
            """It answers."""

    def _clients(self) -> list[AIOKafkaConsumer]:
        """None before it has subscribed."""
        clients = [consumer.client for consumer in self._consumers]
        return [client for client in clients if client is not None]

    def _lag(self) -> int | None:
        lags = [consumer.lag() for consumer in self._consumers]
        known = [lag for lag in lags if lag is not None]
        return sum(known) if known and len(known) == len(lags) else None
