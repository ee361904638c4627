"""One subscription of a process: its batches are delivered, and committed in order."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from aiokafka import AIOKafkaConsumer
from faststream import AckPolicy
from faststream.kafka import KafkaBroker

from shared import failpoints
from shared.broker.network.connection import EMBEDDED_FETCH_WAIT_MS, LONG_FETCH_WAIT_MS
from shared.broker.offsets.lag import LagMonitor, measure_partitions
from shared.broker.reading.commits.committer import (
    Commit,
    Committer,
    find_next_offsets,
    log_repeats,
)
from shared.broker.reading.commits.in_flight import InFlight
from shared.broker.reading.commits.spans import find_spans, name_batch
from shared.broker.reading.delivery import Delivery
from shared.broker.reading.faststream_adapter import decode, parse, replace_polling
from shared.broker.reading.polling.membership import Membership
from shared.broker.reading.polling.poll import Poller, RawBatch
from shared.broker.reading.subscription import Subscription
from shared.broker.records import Record, to_record
from shared.errors import SeedwireError
from shared.settings import Settings

POLL_MS: Final = 1000  # without a record; records that come are handled at once


class Consumer:
    """Hands batches of *subscription* to *delivery*; calls *on_done* with each finished task."""

    def __init__(
        self,
        subscription: Subscription,
        delivery: Delivery,
        settings: Settings,
        cluster: str,
        on_done: Callable[[asyncio.Task[Any]], None],
    ) -> None:
        self._subscription = subscription
        self._delivery = delivery
        self._settings = settings
        self._cluster = cluster
        self._on_done = on_done
        self._in_flight = InFlight(subscription.max_in_flight)
        self._poller = Poller(POLL_MS, settings.batch_records)
        self._membership = Membership(
            delivery.progress,
            subscription.name,
            self._poller.forget_positions,
            lambda: log_repeats(self._in_flight.spans),
        )
        self._lag = LagMonitor(partial(measure_partitions, settings, subscription.group))
        self._committer = Committer(self._membership, self._lag)
        self._is_stopping = False

    def subscribe(self, broker: KafkaBroker) -> None:
        """Register with FastStream. Consuming begins when *broker* starts."""
        settings = self._settings
        self._subscriber: Any = broker.subscriber(
            self._subscription.topic,
            group_id=self._subscription.group,
            group_instance_id=self._instance_id(),
            listener=self._membership,
            batch=True,
            fetch_max_wait_ms=(
                EMBEDDED_FETCH_WAIT_MS if settings.is_embedded else LONG_FETCH_WAIT_MS
            ),
            auto_offset_reset="earliest",
            session_timeout_ms=settings.session_timeout_ms,
            heartbeat_interval_ms=settings.session_timeout_ms // 6,
            # A batch may wait that long for a dependency without losing its partitions.
            max_poll_interval_ms=int(settings.batch_limit_seconds * 1000),
            ack_policy=AckPolicy.MANUAL,
            parser=parse,
            decoder=decode,
        )
        replace_polling(self._subscriber, self._poll)
        self._subscriber(self._consume)

    def stop(self) -> None:
        """Take no further batch. Batches in flight go on."""
        self._is_stopping = True

    async def finish(self) -> None:
        """Wait for the batches in flight, at most for the grace period.

        Batches that take longer are cancelled, and Kafka delivers them again.
        """
        tasks = self._in_flight.tasks
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=self._settings.grace_seconds)
            for task in late:
                task.cancel()
        await self._lag.stop()

    def check(self) -> None:
        """Warn if the process has not joined its group; raise SeedwireError if consuming has ended.

        Raises DependencyRejected if Kafka does not let the process read. Call it every second or
        so: a process that is alive but does nothing must be noticed.
        """
        self._membership.warn_if_not_joined()
        if self._poller.fatal_error is not None:
            raise self._poller.fatal_error
        if self._subscriber.running and any(task.done() for task in self._subscriber.tasks):
            raise SeedwireError(f"the consumer of {self._subscription.topic} ended by itself")
        self._check_lag()

    @property
    def client(self) -> AIOKafkaConsumer | None:
        """aiokafka's consumer; None before it is started."""
        return self._subscriber.consumer

    def lag(self) -> int | None:
        """Uncommitted records of the assigned partitions; None if that is not known yet."""
        client = self.client
        return None if client is None else self._lag.estimate(client)

    def _check_lag(self) -> None:
        if self.client is None:
            return
        progress = self._delivery.progress
        batch = progress.oldest_batch
        batch_seconds = 0.0 if batch is None else progress.clock() - batch.since
        self._lag.check(self.client, self._membership.assignments, batch_seconds)

    def _instance_id(self) -> str | None:
        """A static member's name, whose partitions wait for its restart; None: a dynamic member."""
        if not self._settings.is_static_member:
            return None
        return f"{self._subscription.name}-{self._settings.instance}"

    async def _poll(self, client: AIOKafkaConsumer) -> RawBatch:
        """The next batch. After a KafkaError FastStream's loop sleeps, and polls again."""
        return await self._poller.poll(client)

    async def _consume(self, batch: RawBatch) -> None:
        """Begin one batch; return when the next one may come.

        Must not raise: FastStream would log the error and go on, and a later commit would pass the
        batch.
        """
        if self._is_stopping:
            return
        begun = asyncio.create_task(self._begin_batch(batch, self._membership.rebalances))
        begun.add_done_callback(self._on_done)
        await asyncio.wait([begun])
        await self._in_flight.wait_for_room()

    async def _begin_batch(self, batch: RawBatch, rebalances: int) -> None:
        """*rebalances* is how many there had been when the batch came."""
        records = [to_record(self._cluster, raw) for raw in batch]
        spans = find_spans(records)
        if rebalances != self._membership.rebalances:
            log_repeats(spans)
        *earlier, last = self._subscription.split(records)
        for part in earlier:
            self._begin(part, Commit({}, rebalances, spans))
        self._begin(last, Commit(find_next_offsets(batch), rebalances, spans))

    def _begin(self, records: Sequence[Record], commit: Commit) -> None:
        """*commit* follows once these records are done, and all that were begun before."""
        task = asyncio.create_task(self._deliver(records, commit, self._in_flight.newest))
        self._in_flight.add(task, len(records), commit.spans)
        task.add_done_callback(self._finish_task)

    def _finish_task(self, task: asyncio.Task[bool]) -> None:
        self._in_flight.remove(task)
        self._on_done(task)

    async def _deliver(
        self, records: Sequence[Record], commit: Commit, previous: asyncio.Task[bool] | None
    ) -> bool:
        """Whether a commit may pass these records, and those before them."""
        with self._delivery.progress.track_batch(name_batch(records)):
            await failpoints.hit("polled")
            await self._delivery.deliver(records)
            del records  # the wait below may be long and must not keep them in memory
            self._in_flight.mark_delivered(asyncio.current_task())
            if previous is not None and not await _has_succeeded(previous):
                return False
            if commit.offsets:
                await failpoints.hit("committing")
                await self._committer.commit(commit, self._subscriber.consumer)
                await failpoints.hit("committed")
        return True


async def _has_succeeded(previous: asyncio.Task[bool]) -> bool:
    await asyncio.wait([previous])
    if previous.cancelled() or previous.exception() is not None:
        return False
    return previous.result()
