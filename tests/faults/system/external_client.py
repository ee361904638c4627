"""The outside world of a fault run: it drops seeds and reads the topics for consumers.

Every record of the topics that consumers read is kept, once.
"""

import asyncio
import contextlib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from shared.broker.network.connection import open_producer, open_reader
from shared.broker.network.partitions import list_partitions, read_end_offsets
from shared.broker.topic_creation import create_missing_topics
from shared.errors import KafkaUnavailable
from shared.events.topics import (
    PUBLISHED_LOG,
    PUBLISHED_STATE,
    RECEIPTS,
    REJECTED,
    SEEDS,
    load_topics,
)
from shared.settings import Settings
from tests.faults.system.seed_stream import SeedDrop

TOPICS = (RECEIPTS, REJECTED, PUBLISHED_LOG, PUBLISHED_STATE)
ACKNOWLEDGE_SECONDS = 5.0  # then a send counts as lost and is tried again
RETRY_SECONDS = 0.2
CLOSE_SECONDS = 10

POISON = b"\xff\x00 poison"  # neither a seed nor an event

Position = tuple[int, int, int]  # generation of the broker, partition, offset


@dataclass(frozen=True)
class ConsumedRecord:
    """One record of a topic, as a consumer sees it."""

    generation: int  # of the broker: counts the times that it began with empty topics
    partition: int
    offset: int
    key: str
    headers: dict[str, str]
    value: bytes | None

    @property
    def position(self) -> Position:
        return self.generation, self.partition, self.offset


@dataclass
class ExternalClient:
    """Connects to one generation of the broker after another. Call `open` for each of them."""

    settings: Settings
    consumed: dict[str, list[ConsumedRecord]] = field(
        default_factory=lambda: {topic: [] for topic in TOPICS}
    )
    # By number of the drop: which record of the seeds topic was answered, and with what status.
    receipts: dict[int, list[tuple[Position, str]]] = field(default_factory=dict)
    generation: int = 0
    _next_offsets: dict[tuple[str, int], int] = field(default_factory=dict)
    _producer: AIOKafkaProducer | None = None
    _stack: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack)
    _reading: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Connect to the broker as it is now; records of earlier generations are kept."""
        self.generation += 1
        self._next_offsets = {}
        self._stack = contextlib.AsyncExitStack()
        await create_missing_topics(self.settings, load_topics())
        self._producer = await self._stack.enter_async_context(open_producer(self.settings))
        reader = await self._stack.enter_async_context(open_reader(self.settings))
        reader.assign(await self._list_partitions())
        self._reading = asyncio.create_task(self._read_forever(reader))

    async def close(self) -> None:
        if self._reading:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        # A consumer whose broker is gone ends its stop with the cancellation of its own fetch.
        with contextlib.suppress(KafkaError, OSError, TimeoutError, asyncio.CancelledError):
            await asyncio.wait_for(self._stack.aclose(), CLOSE_SECONDS)

    async def send_drops(self, drops: Sequence[SeedDrop]) -> None:
        """Send each drop until it is acknowledged, in their order.

        A drop whose acknowledgement was lost may be in the topic twice.
        """
        for drop in drops:
            headers = [("path", str(drop.number).encode())]
            for attempt in itertools.count():
                await asyncio.sleep(RETRY_SECONDS if attempt else 0)
                if await self._send(SEEDS, drop.key, drop.value, headers):
                    break

    async def send_poison(self, topic: str) -> bool:
        """Send an invalid record, with a header that is no text; returns whether it arrived."""
        return await self._send(topic, b"poison", POISON, [("junk", b"\xff\xfe")])

    async def _send(
        self, topic: str, key: bytes, value: bytes | None, headers: Sequence[tuple[str, bytes]]
    ) -> bool:
        assert self._producer is not None
        sending = self._producer.send_and_wait(topic, value, key=key, headers=headers)
        try:
            await asyncio.wait_for(sending, ACKNOWLEDGE_SECONDS)
        except (KafkaError, TimeoutError, KafkaUnavailable):
            return False
        return True

    async def catch_up(self) -> bool:
        """Read everything up to the present end of the topics; returns whether that was possible.

        A reader of its own is used, because the continuous one may have missed records while the
        broker was away.
        """
        try:
            async with open_reader(self.settings) as reader:
                partitions = await self._list_partitions()
                reader.assign(partitions)
                ends = await read_end_offsets(reader)
                for partition in partitions:
                    reader.seek(partition, self._next_offset(partition))
                while any(self._next_offset(partition) < end for partition, end in ends.items()):
                    await self._read_some(reader)
        except (KafkaError, KafkaUnavailable):
            return False
        return True

    async def _list_partitions(self) -> list[TopicPartition]:
        partitions: list[TopicPartition] = []
        for topic in TOPICS:
            partitions += await list_partitions(self.settings, topic)
        return partitions

    def _next_offset(self, partition: TopicPartition) -> int:
        return self._next_offsets.get((partition.topic, partition.partition), 0)

    async def _read_forever(self, reader: AIOKafkaConsumer) -> None:
        while True:
            try:
                await self._read_some(reader)
            except KafkaError:
                await asyncio.sleep(RETRY_SECONDS)

    async def _read_some(self, reader: AIOKafkaConsumer) -> None:
        batches = await reader.getmany(timeout_ms=200)
        for records in batches.values():
            for record in records:
                self._keep(record)

    def _keep(self, record: Any) -> None:
        """Keep a record, unless the other reader was faster."""
        place = (record.topic, record.partition)
        if record.offset < self._next_offsets.get(place, 0):
            return
        self._next_offsets[place] = record.offset + 1
        headers = {name: (value or b"").decode(errors="replace") for name, value in record.headers}
        consumed = ConsumedRecord(
            generation=self.generation,
            partition=record.partition,
            offset=record.offset,
            key=(record.key or b"").decode(errors="replace"),
            headers=headers,
            value=record.value,
        )
        self.consumed[record.topic].append(consumed)
        if record.topic == RECEIPTS:
            self._keep_receipt(orjson.loads(record.value))

    def _keep_receipt(self, receipt: dict[str, Any]) -> None:
        if "path" not in receipt:
            return
        seed = receipt["seed"]
        position = (self.generation, seed["partition"], seed["offset"])
        answers = self.receipts.setdefault(int(receipt["path"]), [])
        answers.append((position, receipt["status"]))
