"""One process of a service: connects, consumes, does chores, says how it is, and stops cleanly.

Start-up and shut-down are read top to bottom in `work`.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker

from shared import failpoints
from shared.broker import codec
from shared.broker.cap import InvalidCap
from shared.broker.connection import admin, cluster_id, producer, security
from shared.broker.delivery import Delivery
from shared.broker.healthpages import health_pages
from shared.broker.heart import Heart
from shared.broker.membership import Membership
from shared.broker.progress import Progress
from shared.broker.pulse import Pulse
from shared.broker.sender import Sender
from shared.broker.service import Chore, Service
from shared.broker.topics import declared, ensure
from shared.errors import EngineAway, Halted, SeedwireError
from shared.settings import Settings
from shared.store import Store

log = logging.getLogger(__name__)

COMMIT_FAILURES = 20  # in a row: two live processes fight over one instance id, which never ends by itself


class Worker:
    """A service at work in this process. Stops on SIGTERM within the grace time, or raises what it stopped for."""

    def __init__(self, service: Service, settings: Settings, store: Store) -> None:
        self._service = service
        self._settings = settings
        self._store = store
        self._committed: dict[TopicPartition, int] = {}
        self._commit_failures = 0
        self._failure: BaseException | None = None
        self._cluster = ""
        self._progress = Progress()
        self._subscriber: Any = None
        limit = settings.batch_limit_seconds
        self._pulse = Pulse(self._progress, self._consumers, self._ping, settings.patience_seconds, limit)

    async def work(self) -> None:
        """Run until told to stop. Raises EngineAway (start again later) or Halted (a person must look)."""
        async with health_pages(self._settings, self._service.name, self._pulse.signs, self._lag):
            await self._work()

    async def _work(self) -> None:
        self._cluster = await self._prepare_cluster()
        async with producer(self._settings) as client:
            cap = InvalidCap(self._settings)
            patience = self._settings.patience_seconds
            service, sender = self._service, Sender(client)
            self._delivery = Delivery(service.name, service.handle, self._store, sender, cap, patience, self._progress)
            await self._greet_cluster()
            self._membership = Membership(self._progress)
            self._broker, self._subscriber = self._subscribe()
            self._app = FastStream(self._broker, logger=None)
            async with self._alongside():
                await self._app.run()
        if self._failure is not None:
            raise self._failure

    async def _prepare_cluster(self) -> str:
        async with admin(self._settings) as client:
            created = await ensure(client, declared(), self._settings.kafka_replication)
            if created:
                log.info("created topics: %s", ", ".join(created))
            return await cluster_id(client)

    async def _greet_cluster(self) -> None:
        """Send into a new cluster what the store knows and an empty topic does not."""
        if self._service.on_new_cluster is None:
            return
        if await self._store.workers.known_cluster(self._service.name) != self._cluster:
            await self._delivery.announce(await self._service.on_new_cluster(self._store))
            await self._store.workers.remember_cluster(self._service.name, self._cluster)

    def _subscribe(self) -> tuple[KafkaBroker, Any]:
        settings = self._settings
        broker = KafkaBroker(
            settings.kafka_address,
            security=security(settings),
            apply_types=False,
            allow_auto_create_topics=False,
            graceful_timeout=settings.grace_seconds,
            logger=None,
        )
        subscriber = broker.subscriber(
            self._service.topic,
            group_id=self._service.group,
            # named: a static member, whose partitions wait for its restart; unnamed: one that comes and goes
            group_instance_id=f"{self._service.name}-{settings.instance}" if settings.instance else None,
            listener=self._membership,
            batch=True,
            max_records=settings.batch_records,
            batch_timeout_ms=10,
            fetch_max_wait_ms=10,
            auto_offset_reset="earliest",
            session_timeout_ms=settings.session_timeout_ms,
            heartbeat_interval_ms=settings.session_timeout_ms // 6,
            # one batch may wait for an engine that long without losing its partitions
            max_poll_interval_ms=int(settings.batch_limit_seconds * 1000),
            ack_policy=AckPolicy.MANUAL,
            parser=codec.parse,
            decoder=codec.decode,
        )
        subscriber(self._consume)
        return broker, subscriber

    async def _consume(self, batch: codec.RawBatch) -> None:
        """One batch. Must not raise: FastStream would log it and go on, and a later commit would pass it."""
        if self._failure is not None:
            return
        delivery = asyncio.create_task(self._deliver(batch))
        await asyncio.wait([delivery])
        self._stop_if_failed(delivery)

    async def _deliver(self, batch: codec.RawBatch) -> None:
        with self._progress.batch():
            await failpoints.reached("polled")
            await self._delivery.deliver([codec.record(self._cluster, raw) for raw in batch])
            await failpoints.reached("committing")
            await self._commit(batch)
            await failpoints.reached("committed")

    async def _commit(self, batch: codec.RawBatch) -> None:
        offsets: dict[TopicPartition, int] = {}
        for raw in batch:
            partition = TopicPartition(raw.topic, raw.partition)
            offsets[partition] = max(raw.offset + 1, offsets.get(partition, 0))
        try:
            await self._subscriber.consumer.commit(offsets)
        except KafkaError as error:
            self._commit_failed(error)
        else:
            self._commit_failures = 0
            self._committed.update(offsets)

    def _commit_failed(self, error: KafkaError) -> None:
        """The batch was handled but will come again, here or elsewhere: handlers bear that."""
        self._commit_failures += 1
        log.warning("offsets were not committed, the batch will be repeated: %r", error)
        if self._commit_failures >= COMMIT_FAILURES:
            raise Halted(f"offsets could not be committed {COMMIT_FAILURES} times: is the instance id used twice?")

    def _stop_if_failed(self, task: asyncio.Task[None]) -> None:
        """Whatever a part of this process raises ends the process: the supervisor starts it anew."""
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("stopping: %s", error, exc_info=None if isinstance(error, SeedwireError) else error)
            self._failure = error
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
                await self._delivery.announce(await chore.run(self._store))
            except EngineAway as error:
                log.warning("%s waits: %s", chore.name, error)
            await asyncio.sleep(chore.every)

    async def _watch(self) -> None:
        """A process that lives and does nothing must not go unseen."""
        while True:
            await asyncio.sleep(1)
            self._membership.remind()
            await self._pulse.look()
            if self._subscriber.running and any(task.done() for task in self._subscriber.tasks):
                raise SeedwireError("the consumer ended by itself")

    async def _ping(self) -> None:
        async with admin(self._settings):
            """It answers."""

    def _consumers(self) -> list[AIOKafkaConsumer]:
        """None before it has subscribed."""
        consumer: AIOKafkaConsumer | None = self._subscriber.consumer if self._subscriber else None
        return [] if consumer is None else [consumer]

    def _lag(self) -> int | None:
        lags = [codec.highwater_lag(consumer, self._committed) for consumer in self._consumers()]
        return lags[0] if lags else None
