"""What the outside world sends and hears: seeds dropped until they are acknowledged, and every record of ours noted."""

import asyncio
import contextlib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError

from shared.broker.connection import ends, partitions, producer, reader
from shared.broker.topics import (
    PUBLISHED_LOG,
    PUBLISHED_STATE,
    RECEIPTS,
    REJECTED,
    SEEDS,
    declared,
    ensure,
)
from shared.errors import BrokerAway
from shared.settings import Settings
from tests.faults.stream import Drop

TOPICS = (RECEIPTS, REJECTED, PUBLISHED_LOG, PUBLISHED_STATE)
ACKNOWLEDGED = 5.0  # seconds, then a send is tried again


@dataclass(frozen=True)
class Heard:
    """One record of a topic, as a consumer sees it."""

    life: int  # of the broker
    partition: int
    offset: int
    key: str
    headers: dict[str, str]
    value: bytes | None


@dataclass
class Outside:
    """Speaks to one life of the broker after the other."""

    settings: Settings
    heard: dict[str, list[Heard]] = field(default_factory=lambda: {topic: [] for topic in TOPICS})
    answers: dict[int, list[tuple[tuple[int, int, int], str]]] = field(default_factory=dict)
    life: int = 0
    _next: dict[tuple[str, int], int] = field(default_factory=dict)  # by topic and partition
    _client: AIOKafkaProducer | None = None
    _reader: AIOKafkaConsumer | None = None
    _stack: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack)
    _listening: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Connect to the broker as it is now; what an earlier life said is kept."""
        self.life += 1
        self._next = {}
        self._stack = contextlib.AsyncExitStack()
        await ensure(self.settings, declared())
        self._client = await self._stack.enter_async_context(producer(self.settings))
        self._reader = await self._stack.enter_async_context(reader(self.settings))
        self._reader.assign([p for topic in TOPICS for p in await partitions(self.settings, topic)])
        self._listening = asyncio.create_task(self._listen())

    async def close(self) -> None:
        if self._listening:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        # a consumer whose broker is gone ends its stop with the cancellation of its own fetch
        with contextlib.suppress(KafkaError, OSError, TimeoutError, asyncio.CancelledError):
            await asyncio.wait_for(self._stack.aclose(), 10)

    async def drop(self, drops: Sequence[Drop]) -> None:
        """Send until acknowledged, in their order. What was sent twice because an answer was lost may stand twice."""
        for drop in drops:
            headers = [("path", str(drop.number).encode())]
            for attempt in itertools.count():
                await asyncio.sleep(0.2 if attempt else 0)
                if await self._sent(SEEDS, drop.key, drop.value, headers):
                    break

    async def put(
        self, topic: str, value: bytes, headers: Sequence[tuple[str, bytes]] = ()
    ) -> bool:
        return await self._sent(topic, b"poison", value, headers)

    async def _sent(
        self, topic: str, key: bytes, value: bytes | None, headers: Sequence[tuple[str, bytes]]
    ) -> bool:
        assert self._client is not None
        try:
            await asyncio.wait_for(
                self._client.send_and_wait(topic, value, key=key, headers=headers), ACKNOWLEDGED
            )
        except (KafkaError, TimeoutError, BrokerAway):
            return False
        return True

    async def catch_up(self) -> bool:
        """Hear what the listening missed while the broker was away, with a reader of its own; False if it cannot."""
        try:
            async with reader(self.settings) as client:
                assigned = [p for topic in TOPICS for p in await partitions(self.settings, topic)]
                client.assign(assigned)
                last = await ends(client)
                for partition in assigned:
                    client.seek(
                        partition, self._next.get((partition.topic, partition.partition), 0)
                    )
                while any(
                    self._next.get((p.topic, p.partition), 0) < end for p, end in last.items()
                ):
                    await self._hear_some(client)
        except (KafkaError, BrokerAway):
            return False
        return True

    async def _listen(self) -> None:
        client = self._reader
        assert client is not None
        while True:
            try:
                await self._hear_some(client)
            except KafkaError:
                await asyncio.sleep(0.2)

    async def _hear_some(self, client: AIOKafkaConsumer) -> None:
        for records in (await client.getmany(timeout_ms=200)).values():
            for record in records:
                self._hear(record)

    def _hear(self, record: Any) -> None:
        """Note a record, once."""
        place = (record.topic, record.partition)
        if record.offset < self._next.get(place, 0):
            return
        self._next[place] = record.offset + 1
        headers = {name: (value or b"").decode(errors="replace") for name, value in record.headers}
        key = (record.key or b"").decode(errors="replace")
        heard = Heard(self.life, record.partition, record.offset, key, headers, record.value)
        self.heard[record.topic].append(heard)
        if record.topic == RECEIPTS:
            said = orjson.loads(record.value)
            seed = said["seed"]
            if said["path"] is not None:
                where = (self.life, seed["partition"], seed["offset"])
                self.answers.setdefault(int(said["path"]), []).append((where, said["status"]))
