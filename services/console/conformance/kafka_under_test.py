"""The Kafka that a consumer is tested on: our own embedded broker, or one that somebody gives.

Neither can do everything. The embedded broker deletes no records, and nobody replaces the cluster
of a Kafka that is not ours.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from deploy.embedded.broker import EmbeddedBroker
from deploy.embedded.client_gateway import ClientGateway
from shared.broker.network.connection import open_reader, query_cluster
from shared.broker.network.partitions import read_end_offsets
from shared.broker.topic_creation import create_missing_topics
from shared.errors import SettingsError
from shared.events.topics import PUBLISHED_LOG, PUBLISHED_STATE, load_topics
from shared.settings import Settings

TOPICS: Final = (PUBLISHED_LOG, PUBLISHED_STATE)
DELETION_SECONDS: Final = 30.0  # Kafka deletes topics some time after it has confirmed it


class KafkaUnderTest(ABC):
    """Topics that are emptied for each scenario."""

    name: str
    can_begin_cluster = False
    can_delete_records = False

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @property
    def address(self) -> str:
        """Where the consumer connects to."""
        return self.settings.kafka_address

    @abstractmethod
    async def empty(self) -> None:
        """Begin anew, with empty topics."""

    async def begin_cluster(self) -> None:
        """Replace the cluster by a new one with empty topics, at the same address."""
        raise NotImplementedError

    async def delete_log_records(self) -> None:
        """Delete every record of the log, as if its time had passed."""
        raise NotImplementedError

    async def create_topics(self) -> None:
        declared = [topic for topic in load_topics() if topic.name in TOPICS]
        await create_missing_topics(self.settings, declared)


class OwnKafka(KafkaUnderTest):
    """The broker, and the gateway before it to which every client connects."""

    name = "the embedded broker"
    can_begin_cluster = True

    def __init__(self, folder: Path) -> None:
        self._broker = EmbeddedBroker(folder)
        self._gateway = ClientGateway(folder, self._broker)
        self.start()
        super().__init__(Settings(kafka=self._broker.bootstrap, kafka_idempotence=False))

    @property
    def address(self) -> str:
        return self._gateway.bootstrap

    def start(self) -> None:
        """Blocks until both answer. A second start keeps their addresses."""
        self._broker.start()
        self._gateway.start()

    def stop(self) -> None:
        self._gateway.stop()
        self._broker.stop()

    async def empty(self) -> None:
        await self.begin_cluster()

    async def begin_cluster(self) -> None:
        await asyncio.to_thread(self.stop)
        await asyncio.to_thread(self.start)
        await self.create_topics()


class GivenKafka(KafkaUnderTest):
    """A Kafka whose published topics are ours to delete."""

    name = "the given Kafka"
    can_delete_records = True

    async def empty(self) -> None:
        await query_cluster(self.settings, lambda admin: admin.delete_topics(list(TOPICS)))
        async with asyncio.timeout(DELETION_SECONDS):
            await self._wait_until_deleted()
        await self.create_topics()

    async def _wait_until_deleted(self) -> None:
        while True:
            if not await find_topics(self.settings):
                return
            await asyncio.sleep(0.1)

    async def delete_log_records(self) -> None:
        ends = await self._find_ends()
        deleted = {partition: RecordsToDelete(before_offset=end) for partition, end in ends.items()}
        await query_cluster(self.settings, lambda admin: admin.delete_records(deleted))

    async def _find_ends(self) -> dict[TopicPartition, int]:
        (declared,) = [topic for topic in load_topics() if topic.name == PUBLISHED_LOG]
        async with open_reader(self.settings) as reader:
            reader.assign([TopicPartition(PUBLISHED_LOG, n) for n in range(declared.partitions)])
            return await read_end_offsets(reader)


@asynccontextmanager
async def open_embedded(folder: Path) -> AsyncIterator[KafkaUnderTest]:
    """An embedded broker of our own. Raises EngineMissing where it is not installed."""
    kafka = await asyncio.to_thread(OwnKafka, folder)
    try:
        yield kafka
    finally:
        await asyncio.to_thread(kafka.stop)


@asynccontextmanager
async def open_given(address: str) -> AsyncIterator[KafkaUnderTest]:
    """The Kafka at *address*. Raises SettingsError if the published topics are there already."""
    settings = Settings(kafka=address)
    existing = await find_topics(settings)
    if existing:
        raise SettingsError(
            f"{address} has the topics {', '.join(existing)} already, and the scenarios delete "
            "them again and again: name a Kafka without them"
        )
    given = GivenKafka(settings)
    await given.create_topics()
    try:
        yield given
    finally:
        await query_cluster(settings, lambda admin: admin.delete_topics(list(TOPICS)))


async def find_topics(settings: Settings) -> list[str]:
    """Which of the published topics exist."""

    async def ask(admin: AIOKafkaAdminClient) -> list[str]:
        listed = await admin.list_topics()
        return sorted(set(TOPICS) & set(listed))

    return await query_cluster(settings, ask)
