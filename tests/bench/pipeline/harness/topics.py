"""The bench's own side of Kafka: it lays a backlog of seeds, and watches what comes out."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from zlib import crc32

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from shared.broker.topic_creation import create_missing_topics
from shared.events.topics import PUBLISHED_LOG, SEEDS, load_topics
from shared.settings import Settings
from tests.bench.pipeline.harness.seeds import Seed

MAX_BATCH_BYTES = 262_144
LOOK_SECONDS = 0.25
# A fetch is answered when a record comes. A shorter wait delays nothing less, and at idle the bench
# itself would be two thirds of what the engines do.
FETCH_WAIT_MS = 500
PARTITIONS = {topic.name: topic.partitions for topic in load_topics()}


async def create_topics(settings: Settings) -> None:
    await create_missing_topics(settings, load_topics())


@asynccontextmanager
async def open_producer(kafka: str) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(
        bootstrap_servers=kafka, acks="all", linger_ms=1, max_batch_size=MAX_BATCH_BYTES
    )
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


async def lay_seeds(producer: AIOKafkaProducer, seeds: Sequence[Seed]) -> None:
    """Send them all; return once Kafka has acknowledged them."""
    sent = [await send_seed(producer, seed) for seed in seeds]
    await asyncio.gather(*sent)


async def send_seed(producer: AIOKafkaProducer, seed: Seed) -> asyncio.Future[object]:
    partition = crc32(seed.key) % PARTITIONS[SEEDS]
    acknowledged: asyncio.Future[object] = await producer.send(
        SEEDS, seed.content, key=seed.key, partition=partition
    )
    return acknowledged


class TopicWatcher:
    """Reads one topic from its present end on, by hand: nothing is fetched between two reads.

    `arrivals` has the time of each key's first record, in seconds since 1970: the time at which
    its producer sent it or, with *by_clock*, at which it was read here. Some producers write the
    time of the record that they read.
    """

    def __init__(self, client: AIOKafkaConsumer, by_clock: bool = False) -> None:
        self._client = client
        self._by_clock = by_clock
        self.arrivals: dict[bytes, float] = {}
        self.values: dict[bytes, bytes] = {}

    async def read(self) -> int:
        """Take in what has come; returns how many keys have come so far."""
        while batches := await self._client.getmany(timeout_ms=20):
            now = time.time()
            for records in batches.values():
                for record in records:
                    if record.key not in self.arrivals:
                        self.arrivals[record.key] = (
                            now if self._by_clock else record.timestamp / 1000
                        )
                        self.values[record.key] = record.value
        return len(self.arrivals)

    def forget(self) -> None:
        """What comes from now on is counted anew."""
        self.arrivals.clear()
        self.values.clear()


@asynccontextmanager
async def watch_topic(
    kafka: str, topic: str = PUBLISHED_LOG, by_clock: bool = False
) -> AsyncIterator[TopicWatcher]:
    client = AIOKafkaConsumer(
        bootstrap_servers=kafka, auto_offset_reset="earliest", fetch_max_wait_ms=FETCH_WAIT_MS
    )
    await client.start()
    try:
        numbers = range(PARTITIONS[topic])
        client.assign([TopicPartition(topic, number) for number in numbers])
        yield TopicWatcher(client, by_clock)
    finally:
        await client.stop()


async def wait_for(
    watcher: TopicWatcher,
    keys: int,
    seconds: float,
    check: Callable[[], None],
    pause: float = LOOK_SECONDS,
) -> None:
    """Wait until so many keys have come. Raises TimeoutError, saying how many did.

    Also raises what *check* raises: somebody whose work is awaited has ended.
    """
    deadline = time.monotonic() + seconds
    while (come := await watcher.read()) < keys:
        check()
        if time.monotonic() > deadline:
            raise TimeoutError(f"after {seconds:g} s only {come} of {keys} articles were through")
        await asyncio.sleep(pause)
