"""Takes batches from aiokafka, and gets past what it cannot read.

When aiokafka fails at one partition, it has moved on in others already: without a step back their
records would be lost. And it fails at an unreadable record for ever, whoever reads it. Such a
record is left out, and one without content is handled in its place, which says why.
"""

import logging
import struct
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

import cramjam
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import CorruptRecordException, KafkaError, UnsupportedCodecError

from shared.broker.errors.error_classes import (
    classify,
    describe_error,
    is_dead_client,
    translate_error,
)
from shared.errors import ErrorClass, SeedwireError

log = logging.getLogger(__name__)

# A record may be damaged on its way, so it is fetched that often before it is left out.
MAX_READS: Final = 3
FETCH_MS: Final = 500  # for one record, which Kafka is known to have

UNREADABLE: Final = (
    CorruptRecordException,
    UnsupportedCodecError,
    cramjam.DecompressionError,
    zlib.error,
    struct.error,
    AssertionError,
    EOFError,
    IndexError,
    MemoryError,
    OSError,  # gzip's; nothing here speaks to the network
    ValueError,
)
"""What reading records raises when their bytes are not as they should be."""

RawBatch = tuple[Any, ...]
"""Records as aiokafka has them, or an UnreadableRecord."""


@dataclass(frozen=True)
class UnreadableRecord:
    """Stands for a record that no client can read; as aiokafka's, but without content."""

    topic: str
    partition: int
    offset: int
    fault: str
    timestamp: int = 0
    key: None = None
    value: None = None
    headers: tuple[()] = ()


class Poller:
    """Polls for one consumer: every record is returned once, in order within its partition."""

    def __init__(self, timeout_ms: int, max_records: int) -> None:
        self._timeout_ms = timeout_ms
        self._max_records = max_records
        self._positions: dict[TopicPartition, int] = {}
        self._reads: dict[tuple[TopicPartition, int], int] = {}
        self._assignments = 0
        self._must_step_back = False
        self.fatal_error: SeedwireError | None = None
        """What the process must end for: Kafka does not let it read, or the consumer has died."""

    def forget_positions(self) -> None:
        """Call it in the moment in which partitions are assigned: reading begins at their commits.

        A commit may be behind what was returned here, and then it is to be returned again.
        """
        self._positions.clear()
        self._assignments += 1

    async def poll(self, client: AIOKafkaConsumer) -> RawBatch:
        """The next records; none if there are none for a while.

        Raises KafkaError: then call it again after a pause.
        """
        if self._must_step_back:
            await self._step_back(client)
        try:
            batches = await client.getmany(
                timeout_ms=self._timeout_ms, max_records=self._max_records
            )
        except UNREADABLE as error:
            log.warning("a batch cannot be read: %s", describe_error(error))
            await self._step_back(client)
            return await self._read_carefully(client)
        except KafkaError as error:
            log.warning("nothing is fetched: %s", describe_error(error))
            self.fatal_error = _find_fatal(error) or self.fatal_error
            await self._step_back(client)
            raise
        return self._take(chain.from_iterable(batches.values()))

    async def _read_carefully(self, client: AIOKafkaConsumer) -> RawBatch:
        """Read partition by partition and record by record, up to one that cannot be read."""
        for partition in sorted(client.assignment()):
            records = await self._read_partition(client, partition)
            if records:
                return self._take(records)
        return ()

    async def _read_partition(
        self, client: AIOKafkaConsumer, partition: TopicPartition
    ) -> Sequence[Any]:
        records: list[Any] = []
        while len(records) < self._max_records:
            try:
                batches = await client.getmany(partition, timeout_ms=FETCH_MS, max_records=1)
            except UNREADABLE as error:
                return records or await self._leave_out(client, partition, error)
            if not batches:
                break
            records += batches[partition]
        return records

    async def _leave_out(
        self, client: AIOKafkaConsumer, partition: TopicPartition, error: Exception
    ) -> Sequence[Any]:
        """The record at the position, as one without content, once it was read often enough."""
        offset = int(await client.position(partition))
        reads = self._reads.pop((partition, offset), 0) + 1
        if reads < MAX_READS:
            self._reads[partition, offset] = reads
            return ()
        log.error("%s/%d/%d cannot be read and is left out", *partition, offset, exc_info=error)
        client.seek(partition, offset + 1)
        fault = describe_error(error)
        return [UnreadableRecord(partition.topic, partition.partition, offset, fault)]

    async def _step_back(self, client: AIOKafkaConsumer) -> None:
        """To the first record of each partition that was not returned yet.

        All at once or not at all: if Kafka does not say where to begin, the next poll tries again.
        """
        self._must_step_back = True
        assignments, starts = self._assignments, {}
        for partition in client.assignment():
            position = self._positions.get(partition)
            if position is None:
                position = await _find_start(client, partition)
            starts[partition] = position
        if assignments == self._assignments:  # else aiokafka begins at the commits by itself
            for partition, position in starts.items():
                client.seek(partition, position)
        self._must_step_back = False

    def _take(self, records: Iterable[Any]) -> RawBatch:
        batch = tuple(records)
        for record in batch:
            partition = TopicPartition(record.topic, record.partition)
            self._positions[partition] = record.offset + 1
        return batch


def _find_fatal(error: KafkaError) -> SeedwireError | None:
    """What *error* of the consumer means, if no further poll can succeed."""
    if is_dead_client(error):
        reason = describe_error(error)
        return SeedwireError(f"the consumer has died, which a restart mends: {reason}")
    if classify(error) is ErrorClass.FATAL:
        return translate_error(error, "Kafka does not let this process read")
    return None


async def _find_start(client: AIOKafkaConsumer, partition: TopicPartition) -> int:
    """Where the group begins to read: at its commit, or at the oldest record."""
    committed = await client.committed(partition)
    if committed is not None:
        return int(committed)
    beginnings = await client.beginning_offsets([partition])
    return int(beginnings[partition])
