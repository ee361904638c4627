"""Lag of a consumer group, as an observer measures it and as a member estimates it.

Both work the same on Apache Kafka and on the embedded broker.
"""

import asyncio
import logging
import math
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from shared.broker.errors.error_classes import translate_error
from shared.broker.network.connection import open_reader
from shared.broker.network.partitions import read_end_offsets
from shared.concurrency.background import cancel_all
from shared.errors import SeedwireError
from shared.settings import Settings

log = logging.getLogger(__name__)

# While a batch is in flight for longer, the member fetches nothing and sees no new records.
STANDING_SECONDS: Final = 5.0
MEASURE_INTERVAL_SECONDS: Final = 5.0


@dataclass(frozen=True)
class PartitionLag:
    """Where a group stands in a partition: the next offset to handle, and the end."""

    committed: int
    end: int

    @property
    def records(self) -> int:
        return max(0, self.end - self.committed)


async def measure_lag(
    settings: Settings, group: str, partitions: Collection[TopicPartition]
) -> int:
    """Records of *partitions* that *group* has not committed yet. Raises KafkaUnavailable.

    A group that has never committed lags by all of them.
    """
    lags = await measure_partitions(settings, group, partitions)
    return sum(lag.records for lag in lags.values())


async def measure_partitions(
    settings: Settings, group: str, partitions: Collection[TopicPartition]
) -> dict[TopicPartition, PartitionLag]:
    """Where *group* stands in these partitions, as Kafka says. Raises KafkaUnavailable.

    In a partition without a commit it stands at the beginning.
    """
    if not partitions:
        return {}
    async with open_reader(settings, group) as client:
        try:
            return await _measure_partitions(client, [*partitions])
        except KafkaError as error:
            raise translate_error(error, f"the lag of {group} cannot be read") from error


async def _measure_partitions(
    client: AIOKafkaConsumer, partitions: list[TopicPartition]
) -> dict[TopicPartition, PartitionLag]:
    client.assign(partitions)
    committed = await client.beginning_offsets(partitions)
    for partition in partitions:
        offset = await client.committed(partition)
        if offset is not None:
            committed[partition] = int(offset)
        client.seek(partition, committed[partition])
    ends = await read_end_offsets(client)
    return {
        partition: PartitionLag(int(committed[partition]), int(ends[partition]))
        for partition in partitions
    }


Measure = Callable[[Collection[TopicPartition]], Any]
"""As `measure_partitions` for one group: a coroutine function."""


class LagMonitor:
    """The lag of a member: of the partitions that are assigned to it.

    Kafka is asked where the group stands after each assignment: what the member itself has
    committed says nothing before its first commit. It is asked again while a batch stands still,
    because the member then fetches nothing. In between its own fetches and commits suffice.
    """

    def __init__(self, measure: Measure, clock: Callable[[], float] = time.monotonic) -> None:
        self._measure = measure
        self._clock = clock
        self._lags: dict[TopicPartition, PartitionLag] = {}
        self._commits: dict[TopicPartition, int] = {}
        self._assignment: object = None
        self._measured_at = -math.inf
        self._task: asyncio.Task[None] | None = None

    def note_commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """The member has committed *offsets*."""
        self._commits.update(offsets)

    def check(self, client: AIOKafkaConsumer, assignment: object, batch_seconds: float) -> None:
        """Begin to measure if that is due. Call it every second or so; it does not block.

        *assignment* differs after each assignment; the oldest batch in flight has been so for
        *batch_seconds*.
        """
        if assignment != self._assignment:
            self._assignment, self._measured_at = assignment, -math.inf
            self._lags.clear()
            self._commits.clear()
        is_known = self._lags.keys() >= set(client.assignment())
        is_due = self._clock() - self._measured_at >= MEASURE_INTERVAL_SECONDS
        is_measuring = self._task is not None and not self._task.done()
        if is_measuring or not is_due or (is_known and batch_seconds < STANDING_SECONDS):
            return
        self._measured_at = self._clock()
        self._task = asyncio.create_task(self._refresh(client, assignment))

    def estimate(self, client: AIOKafkaConsumer) -> int | None:
        """Uncommitted records of the assigned partitions; None until Kafka was asked."""
        total = 0
        for partition in client.assignment():
            lag = self._lags.get(partition)
            if lag is None:
                return None
            committed = max(lag.committed, self._commits.get(partition, 0))
            end = max(lag.end, int(client.highwater(partition) or 0))
            total += max(0, end - committed)
        return total

    async def stop(self) -> None:
        """Measure no more."""
        if self._task is not None:
            await cancel_all([self._task])

    async def _refresh(self, client: AIOKafkaConsumer, assignment: object) -> None:
        try:
            measured = await self._measure(client.assignment())
        except SeedwireError as error:
            log.debug("the lag stays as it was: %s", error)
            return
        if assignment == self._assignment:
            self._lags.update(measured)
