"""What the outside world sends and hears: seeds dropped until they are acknowledged, and every record of ours noted."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError

from shared.broker.connection import admin, partitions, producer, reader
from shared.broker.topics import PUBLISHED_LOG, PUBLISHED_STATE, RECEIPTS, REJECTED, SEEDS, declared, ensure
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
    _client: AIOKafkaProducer | None = None
    _reader: AIOKafkaConsumer | None = None
    _stack: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack)
    _listening: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Connect to the broker as it is now; what an earlier life said is kept."""
        self.life += 1
        self._stack = contextlib.AsyncExitStack()
        client = await self._stack.enter_async_context(admin(self.settings))
        await ensure(client, declared(), 1)
        self._client = await self._stack.enter_async_context(producer(self.settings))
        self._reader = await self._stack.enter_async_context(reader(self.settings))
        self._reader.assign([p for topic in TOPICS for p in await partitions(self.settings, topic)])
        self._listening = asyncio.create_task(self._listen())

    async def close(self) -> None:
        if self._listening:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        with contextlib.suppress(KafkaError, OSError, TimeoutError):
            await asyncio.wait_for(self._stack.aclose(), 10)

    async def drop(self, drops: Sequence[Drop]) -> None:
        """Send until acknowledged, in their order. What was sent twice because an answer was lost may stand twice."""
        for drop in drops:
            headers = [("path", str(drop.number).encode())]
            while not await self._sent(SEEDS, drop.key, drop.value, headers):
                await asyncio.sleep(0.2)

    async def put(self, topic: str, value: bytes, headers: Sequence[tuple[str, bytes]] = ()) -> bool:
        return await self._sent(topic, b"poison", value, headers)

    async def _sent(self, topic: str, key: bytes, value: bytes | None, headers: Sequence[tuple[str, bytes]]) -> bool:
        assert self._client is not None
        try:
            await asyncio.wait_for(self._client.send_and_wait(topic, value, key=key, headers=headers), ACKNOWLEDGED)
        except (KafkaError, TimeoutError, BrokerAway):
            return False
        return True

    async def caught_up(self, seconds: float = 60) -> bool:
        """Whether everything there is has been heard, waiting for it so long."""
        client = self._reader
        assert client is not None
        until = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < until:
            await asyncio.sleep(0.3)
            ends = [(client.highwater(p), await client.position(p)) for p in client.assignment()]
            if all(end is not None and position >= end for end, position in ends):
                return True
        return False

    async def _listen(self) -> None:
        client = self._reader
        assert client is not None
        while True:
            try:
                batches = await client.getmany(timeout_ms=200)
            except KafkaError:
                await asyncio.sleep(0.2)
                continue
            for records in batches.values():
                for record in records:
                    self._hear(record)

    def _hear(self, record: Any) -> None:
        headers = {name: (value or b"").decode(errors="replace") for name, value in record.headers}
        key = (record.key or b"").decode(errors="replace")
        heard = Heard(self.life, record.partition, record.offset, key, headers, record.value)
        self.heard[record.topic].append(heard)
        if record.topic == RECEIPTS:
            said = orjson.loads(record.value)
            seed = said["seed"]
            if said["path"] is not None:
                place = (self.life, seed["partition"], seed["offset"])
                self.answers.setdefault(int(said["path"]), []).append((place, said["status"]))
