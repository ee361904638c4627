"""One process of a service: connects, consumes, runs periodic tasks, and stops cleanly.

`Worker.work` and `Worker._consume` read top to bottom as start-up and shutdown.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Coroutine
from typing import Any, Final

from aiokafka.errors import KafkaError
from faststream import FastStream

from shared.broker.errors.error_classes import translate_error
from shared.broker.network.connection import fetch_cluster_id, open_admin
from shared.broker.network.live_brokers import find_live_brokers
from shared.broker.reading.consumer import Consumer
from shared.broker.reading.delivery import Delivery
from shared.broker.reading.progress import Progress
from shared.broker.sending.producer_source import open_producer_source
from shared.broker.sending.sender import Sender
from shared.broker.topic_creation import create_missing_topics
from shared.concurrency.background import cancel_all
from shared.errors import DependencyUnavailable, SeedwireError, UnprocessableRecord
from shared.events.cloud_event import build_source_headers
from shared.events.topics import load_topics
from shared.metrics.event_meter import EventMeter
from shared.metrics.registry import build_registry
from shared.metrics.worker_metrics import WorkerMetrics
from shared.runtime.consumers import Consumers
from shared.runtime.liveness.health import Obstacle, find_obstacle
from shared.runtime.liveness.health_pages import serve_health
from shared.runtime.liveness.heartbeat import HeartbeatWriter
from shared.runtime.liveness.watchdog import Watchdog
from shared.runtime.service import Input, PeriodicTask, Service
from shared.runtime.startup import StoppedAtStart, wait_for_dependency
from shared.runtime.store_delivery import build_delivery
from shared.runtime.topic_refill import ClusterRefill
from shared.settings import Settings
from shared.store import Store

log = logging.getLogger(__name__)

CHECK_INTERVAL_SECONDS: Final = 1.0  # of the watchdog
# How often FastStream looks whether it should stop. At its own 0.1 s that is most of what an idle
# worker does.
STOP_SECONDS: Final = 0.5


class Worker:
    """A service at work in this process.

    Stops on SIGTERM within the grace period, or raises what it stopped for.
    """

    def __init__(self, service: Service, settings: Settings, store: Store) -> None:
        self._service = service
        self._settings = settings
        self._store = store
        self._failure: BaseException | None = None
        self._app: FastStream | None = None
        self._is_filling = True  # the topics of a new cluster, before consuming begins
        self._cluster = ""
        self._consumers = Consumers(settings, self._build_consumer)
        self._progress = Progress(groups=[source.name for source in service.inputs])
        self._metrics = WorkerMetrics(build_registry())
        self._watchdog = Watchdog(
            self._progress,
            self._consumers.list_clients,
            self._ping,
            retry_seconds=settings.retry_seconds,
            batch_limit_seconds=settings.batch_limit_seconds,
            group_join_seconds=settings.group_join_seconds,
        )

    async def work(self) -> None:
        """Wait until Kafka answers, then run until told to stop.

        Raises StoppedAtStart when that is before Kafka answers, DependencyUnavailable (start again
        later), ProcessingHalted or DependencyRejected (a person must look).
        """
        signs = self._watchdog.read_signs
        registry = self._metrics.registry
        self._metrics.add_counters(self._service.counters)
        health = serve_health(
            self._settings, self._service.name, signs, self._consumers.measure_lag, registry
        )
        async with health, self._send_heartbeats():
            self._cluster = await wait_for_dependency(
                self._prepare_cluster, self._progress, self._settings.retry_seconds
            )
            async with open_producer_source(self._settings) as producers:
                source = build_source_headers(self._settings.source)
                await self._consume(Sender(producers.current, producers, source))
        if self._failure is not None:
            raise self._failure

    async def _consume(self, sender: Sender) -> None:
        meter = self._build_event_meter()
        self._deliveries = [
            self._build_delivery(source, sender, meter) for source in self._service.inputs
        ]
        await self._refill_new_cluster()
        live_brokers = await find_live_brokers(self._settings.kafka_address)
        # Nothing is awaited from here on: the heartbeat asks consumers that have subscribed.
        self._is_filling = False
        broker = self._consumers.subscribe(self._service.inputs, self._deliveries, live_brokers)
        self._app = FastStream(broker, logger=None, on_shutdown=[self._consumers.finish])
        self._progress.begin()
        async with self._run_beside():
            await self._run_app(self._app)

    async def _run_app(self, app: FastStream) -> None:
        try:
            await app.run(sleep_time=STOP_SECONDS)
        except KafkaError as error:
            raise translate_error(error, "consuming cannot begin") from error

    def _build_event_meter(self) -> EventMeter | None:
        build = self._service.build_event_meter
        return None if build is None else build(self._metrics.registry)

    def _build_delivery(
        self, source: Input, sender: Sender, event_meter: EventMeter | None
    ) -> Delivery:
        return build_delivery(
            source,
            self._store,
            sender,
            self._settings,
            self._progress,
            meter=self._metrics.meter_delivery(source.name),
            event_meter=event_meter,
        )

    def _build_consumer(self, source: Input, delivery: Delivery) -> Consumer:
        return Consumer(source, delivery, self._settings, self._cluster, self._stop_if_failed)

    async def _prepare_cluster(self) -> str:
        created = await create_missing_topics(self._settings, load_topics())
        if created:
            log.info("created topics: %s", ", ".join(created))
        return await fetch_cluster_id(self._settings)

    async def _refill_new_cluster(self) -> None:
        """Send into a new cluster what the store has and an empty topic lacks."""
        holder = f"{self._service.name}-{self._settings.instance_id}"
        refill = ClusterRefill(self._service, self._store, self._progress, self._cluster, holder)
        await refill.run(self._deliveries[0].announce)

    def _stop_if_failed(self, task: asyncio.Task[Any]) -> None:
        """An error that any part of this process raises ends it; the supervisor restarts it."""
        error = None if task.cancelled() else task.exception()
        if error is None:
            return
        is_expected = isinstance(error, SeedwireError)
        log.error("stopping: %s", error, exc_info=None if is_expected else error)
        self._failure = self._failure or error
        self._consumers.stop()
        if self._app is not None:
            self._app.exit()

    @contextlib.asynccontextmanager
    async def _send_heartbeats(self) -> AsyncIterator[None]:
        """Heartbeats go out while the block runs; the last one says how it ended."""
        heartbeat = HeartbeatWriter(
            self._service.name,
            self._settings,
            self._store,
            self._progress,
            self._consumers.measure_lag,
            self._find_obstacle,
            self._service.mode,
        )
        sending = self._start_task(heartbeat.run())
        try:
            yield
        except StoppedAtStart:
            raise
        except BaseException as error:
            self._failure = self._failure or error
            raise
        finally:
            await cancel_all([sending])
            await heartbeat.write_last(self._failure)

    @contextlib.asynccontextmanager
    async def _run_beside(self) -> AsyncIterator[None]:
        """Periodic tasks and watchdog run beside the consumers, and end with them."""
        tasks = [self._start_task(self._watch())]
        for task in self._service.periodic_tasks:
            tasks.append(self._start_task(self._repeat(task)))
        try:
            yield
        finally:
            await cancel_all(tasks)
            self._watchdog.stop()

    def _start_task(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        task.add_done_callback(self._stop_if_failed)
        return task

    async def _repeat(self, task: PeriodicTask) -> None:
        self._metrics.add_task(task.name)
        while True:
            try:
                with self._metrics.time_task(task.name):
                    await self._deliveries[0].announce(await task.run(self._store))
            except DependencyUnavailable as error:
                log.warning("%s waits: %s", task.name, error)
            except UnprocessableRecord as error:
                log.error("%s cannot do all of its work: %s", task.name, error)
            await asyncio.sleep(task.interval_seconds)

    async def _watch(self) -> None:
        """A process that is alive but does nothing must be noticed."""
        while True:
            await asyncio.sleep(CHECK_INTERVAL_SECONDS)
            await self._watchdog.check()
            self._consumers.check()

    async def _ping(self) -> None:
        async with open_admin(self._settings):
            pass  # the connection itself is the answer

    def _find_obstacle(self) -> Obstacle | None:
        signs = self._watchdog.read_signs()
        return signs.waiting if self._is_filling else find_obstacle(signs)
