"""One input of a process: its batches are delivered, and committed in their order."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker

from shared import failpoints
from shared.broker.connection import LISTENING_MS
from shared.broker.delivery import Delivery
from shared.broker.framework import RawBatch, decode, parse
from shared.broker.lag import highwater_lag
from shared.broker.membership import Membership
from shared.broker.records import Record, record
from shared.errors import Halted, SeedwireError
from shared.runtime.service import Input
from shared.settings import Settings

log = logging.getLogger(__name__)

UNCOMMITTED = 10  # times what may be worked on may be through behind a batch that is not; a crash brings it again
LOOK_MS = 500  # without a record: those that come are handled at once
COMMIT_FAILURES = (
    20  # in a row: two live processes fight over one instance id, which never ends by itself
)

Offsets = dict[TopicPartition, int]


class Consumer:
    """Hands the batches of *source* to *delivery*. *ended* is told of each batch's task when it is through."""

    def __init__(
        self,
        source: Input,
        delivery: Delivery,
        settings: Settings,
        cluster: str,
        ended: Callable[[asyncio.Task[Any]], None],
    ) -> None:
        self._source = source
        self._delivery = delivery
        self._settings = settings
        self._cluster = cluster
        self._ended = ended
        self._membership = Membership(delivery.progress, source.name)
        self._committed: dict[TopicPartition, int] = {}
        self._commit_failures = 0
        self._in_hand: dict[asyncio.Task[bool], int] = {}  # with the records of each, oldest first
        self._worked_on: dict[
            asyncio.Task[bool], int
        ] = {}  # those whose records are not yet delivered
        self._eased = asyncio.Event()
        self._stopping = False

    def subscribe(self, broker: KafkaBroker) -> None:
        settings = self._settings
        self._subscriber: Any = broker.subscriber(
            self._source.topic,
            group_id=self._source.group,
            # named: a static member, whose partitions wait for its restart; unnamed: one that comes and goes
            group_instance_id=f"{self._source.name}-{settings.instance}"
            if settings.is_static_member
            else None,
            listener=self._membership,
            batch=True,
            max_records=settings.batch_records,
            batch_timeout_ms=LOOK_MS,
            fetch_max_wait_ms=LISTENING_MS,
            auto_offset_reset="earliest",
            session_timeout_ms=settings.session_timeout_ms,
            heartbeat_interval_ms=settings.session_timeout_ms // 6,
            # one batch may wait for an engine that long without losing its partitions
            max_poll_interval_ms=int(settings.batch_limit_seconds * 1000),
            ack_policy=AckPolicy.MANUAL,
            parser=parse,
            decoder=decode,
        )
        self._subscriber(self._consume)

    def stop(self) -> None:
        """Take no further batch. What is in hand goes on."""
        self._stopping = True

    async def finish(self) -> None:
        """Wait for what is in hand within the grace time; the rest is given up, and comes again."""
        if self._in_hand:
            _, late = await asyncio.wait(self._in_hand, timeout=self._settings.grace_seconds)
            for task in late:
                task.cancel()

    def watch(self) -> None:
        """Call now and then: a process that lives and does nothing must not go unseen. Raises SeedwireError."""
        self._membership.remind()
        if self._subscriber.running and any(task.done() for task in self._subscriber.tasks):
            raise SeedwireError(f"the consumer of {self._source.topic} ended by itself")

    @property
    def client(self) -> AIOKafkaConsumer | None:
        """Kafka's consumer; None before it is started."""
        return self._subscriber.consumer

    def lag(self) -> int | None:
        """Records of its partitions that are not committed; None: not known yet."""
        client = self.client
        return highwater_lag(client, self._committed) if client is not None else None

    async def _consume(self, batch: RawBatch) -> None:
        """One batch; returns when the next one may come.

        Must not raise: FastStream would log it and go on, and a later commit would pass it.
        """
        if self._stopping:
            return
        begun = asyncio.create_task(self._begin_all(batch))
        begun.add_done_callback(self._ended)
        await asyncio.wait([begun])
        while self._is_full():
            self._eased.clear()
            await self._eased.wait()

    async def _begin_all(self, batch: RawBatch) -> None:
        *others, last = self._source.parts([record(self._cluster, raw) for raw in batch])
        for part in others:
            self._begin(part, {})
        self._begin(last, _behind(batch))

    def _begin(self, records: Sequence[Record], offsets: Offsets) -> None:
        """*offsets* are committed once these records are done, and all that were begun before."""
        delivery = asyncio.create_task(
            self._deliver(records, offsets, next(reversed(self._in_hand), None))
        )
        self._in_hand[delivery] = self._worked_on[delivery] = len(records)
        delivery.add_done_callback(self._done)

    def _is_full(self) -> bool:
        """What waits only for a batch before it to be committed is no work, and may be more."""
        most = self._source.ahead
        return (
            sum(self._worked_on.values()) >= most
            or sum(self._in_hand.values()) >= UNCOMMITTED * most
        )

    def _delivered(self, delivery: asyncio.Task[Any] | None) -> None:
        if delivery is not None:
            self._worked_on.pop(delivery, None)
        self._eased.set()

    def _done(self, delivery: asyncio.Task[bool]) -> None:
        self._delivered(delivery)
        del self._in_hand[delivery]
        self._ended(delivery)

    async def _deliver(
        self, records: Sequence[Record], offsets: Offsets, before: asyncio.Task[bool] | None
    ) -> bool:
        """Whether a commit may pass these records, and those before them."""
        share = self._membership.rebalances
        with self._delivery.progress.batch():
            await failpoints.reached("polled")
            await self._delivery.deliver(records)
            del records  # a long wait keeps no records
            self._delivered(asyncio.current_task())
            if before is not None:
                await asyncio.wait([before])
                if before.cancelled() or before.exception() is not None or not before.result():
                    return False
            if offsets:
                await failpoints.reached("committing")
                await self._commit(offsets, share)
                await failpoints.reached("committed")
        return True

    async def _commit(self, offsets: Offsets, share: int) -> None:
        if share != self._membership.rebalances:
            # it comes again, here or elsewhere, and where others got further a commit would go back
            log.info("not committed: the group formed anew while a batch was in hand")
            return
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
            raise Halted(
                f"offsets could not be committed {COMMIT_FAILURES} times: is the instance id used twice?"
            )


def _behind(batch: RawBatch) -> Offsets:
    """Where each of its partitions goes on."""
    offsets: Offsets = {}
    for raw in batch:
        partition = TopicPartition(raw.topic, raw.partition)
        offsets[partition] = max(raw.offset + 1, offsets.get(partition, 0))
    return offsets
