"""A connection to Kafka that joins no group: it reads the partitions that it is told to read."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, Self, TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from shared.broker.network import reset_connections
from shared.broker.reading.polling import lenient_records

FETCH_WAIT_MS: Final = 100  # how long a broker holds a fetch that finds nothing
POLL_MS: Final = 200
ANSWER_SECONDS: Final = 5.0  # how long an answer may take before a broker is asked again
PAUSE_SECONDS: Final = 0.5

Answer = TypeVar("Answer")

lenient_records.install()
reset_connections.install()


class KafkaSession:
    """One consumer of aiokafka, and what it does not say itself: the cluster's id."""

    def __init__(self, client: AIOKafkaConsumer, options: Mapping[str, Any]) -> None:
        self._client = client
        self._options = options

    @classmethod
    @asynccontextmanager
    async def open(cls, options: Mapping[str, Any]) -> AsyncIterator[Self]:
        """Connected while the block runs. Raises KafkaError if no broker answers."""
        client = AIOKafkaConsumer(
            **options,
            enable_auto_commit=False,
            auto_offset_reset="none",
            fetch_max_wait_ms=FETCH_WAIT_MS,
        )
        try:
            await client.start()
            yield cls(client, options)
        finally:
            await client.stop()

    async def fetch_cluster_id(self) -> str:
        """The id of the cluster that answers now. Waits until one does."""
        description = await self._ask(lambda admin: admin.describe_cluster())
        return str(description["cluster_id"])

    async def list_partitions(self, topic: str) -> list[TopicPartition]:
        """The partitions of *topic*. Waits until it exists."""
        # Asking Kafka for a topic by name may create it, so all are listed first.
        while True:
            if topic in await self._ask(lambda admin: admin.list_topics()):
                break
            await asyncio.sleep(PAUSE_SECONDS)
        (described,) = await self._ask(lambda admin: admin.describe_topics([topic]))
        numbers = sorted(partition["partition"] for partition in described["partitions"])
        return [TopicPartition(topic, number) for number in numbers]

    async def find_beginnings(
        self, partitions: Sequence[TopicPartition]
    ) -> dict[TopicPartition, int]:
        """The offset of the oldest record of each partition."""
        return dict(await self._client.beginning_offsets(partitions))

    async def find_ends(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """The offset that the next record of each partition will get.

        Fetches until each is known, because the embedded broker answers *list offsets* wrongly.
        """
        self.seek(await self.find_beginnings(partitions))
        while any(self._client.highwater(partition) is None for partition in partitions):
            await self._client.getmany(timeout_ms=POLL_MS, max_records=1)
        return {partition: self._client.highwater(partition) for partition in partitions}

    def seek(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Read these partitions and no others, from these offsets on."""
        self._client.assign([])  # a position that is not consumed is forgotten
        self._client.assign(list(offsets))
        for partition, offset in offsets.items():
            self._client.seek(partition, offset)

    async def poll(self, milliseconds: int = POLL_MS) -> Mapping[TopicPartition, Sequence[Any]]:
        """The next records by partition; none if there are none for a while.

        Raises OffsetOutOfRangeError if Kafka no longer has what is to be read.
        """
        return await self._client.getmany(timeout_ms=milliseconds)  # type: ignore[no-any-return]

    async def find_behind(self, ends: Mapping[TopicPartition, int]) -> list[TopicPartition]:
        """The partitions that were not read up to their end."""
        behind = []
        for partition, end in ends.items():
            if await self._client.position(partition) < end:
                behind.append(partition)
        return behind

    async def _ask(self, query: Callable[[AIOKafkaAdminClient], Awaitable[Answer]]) -> Answer:
        """A new connection each time: an old one may lead to a broker that is gone."""
        while True:
            admin = AIOKafkaAdminClient(**self._options)
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    await admin.start()
                    return await query(admin)
            except (KafkaError, OSError, TimeoutError):
                await asyncio.sleep(PAUSE_SECONDS)
            finally:
                await admin.close()
