"""One scenario's stage: topics, a newsroom, and the consumer that reads it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import DefaultPartitioner

from services.console.conformance.consumer_process import ConsumerProcess
from services.console.conformance.judgement import Order, Transcript, find_faults, fold
from services.console.conformance.kafka_under_test import KafkaUnderTest
from services.console.conformance.newsroom import Newsroom, Revised
from shared.broker.network.connection import client_options
from shared.broker.records import Event
from shared.events.topics import PUBLISHED_LOG, load_topics

QUIET_SECONDS: Final = 0.5
"""A consumer that has told what was written last, and then nothing for so long, is up to date."""


class Stage:
    """What a scenario can do. Events go out in the order of the calls."""

    def __init__(
        self, kafka: KafkaUnderTest, command: Sequence[str], folder: Path, timeout: float
    ) -> None:
        self.kafka = kafka
        self.newsroom = Newsroom()
        self._command = command
        self._folder = folder
        self._timeout = timeout
        self._consumer: ConsumerProcess | None = None
        self._transcripts: list[Transcript] = []
        self._markers = 0
        self._producer: AIOKafkaProducer | None = None

    async def __aenter__(self) -> Self:
        await self._connect()
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._consumer:
            await self._consumer.kill()
        await self._disconnect()

    async def send(self, *events: Event) -> None:
        """Send *events*, each after Kafka has acknowledged the one before."""
        assert self._producer is not None
        for event in events:
            await self._producer.send_and_wait(
                event.topic, event.value, event.key, headers=list(event.headers)
            )

    async def announce(self, *revisions: Revised) -> None:
        """Send each to the state and then to the log, as publishing does."""
        for revised in revisions:
            await self.send(revised.state, revised.log)

    async def announce_log(self, *revisions: Revised) -> None:
        await self.send(*(revised.log for revised in revisions))

    async def announce_state(self, *revisions: Revised) -> None:
        await self.send(*(revised.state for revised in revisions))

    async def begin(self, *names: str) -> None:
        """Publish these articles, start the consumer, and wait until it is up to date."""
        await self.announce(*(self.newsroom.publish(name) for name in names))
        await self.start()
        await self.settle()

    async def start(self) -> None:
        """Start the consumer in the scenario's folder, again if it ran there before."""
        self._consumer = await ConsumerProcess.start(
            self._command, self._folder, self.kafka.address
        )

    async def settle(self) -> None:
        """Wait until the consumer is up to date, or has had the time for it.

        A new article in every partition, written last, shows that it has read what went before.
        """
        await self.fill_log()
        assert self._consumer is not None
        await self._consumer.wait_until(self._is_settled, self._timeout)

    async def fill_log(self) -> None:
        """Write more, so that every partition of the log has grown."""
        await self.announce(*(self.newsroom.publish(name) for name in self._name_markers()))

    async def wait_until_shown(self, name: str) -> None:
        """Wait until the consumer told the latest revision of *name*, or had the time for it."""
        revision = self.newsroom.revisions[name]
        await self._wait_until_told(name, revision)

    async def kill(self) -> None:
        """End the consumer as a crash does."""
        assert self._consumer is not None
        await self._consumer.kill()
        self._transcripts.append(self._consumer.transcript)
        self._consumer = None

    async def stop(self) -> None:
        """End the consumer by SIGTERM."""
        assert self._consumer is not None
        self._transcripts.append(await self._consumer.stop(self._timeout))
        self._consumer = None

    async def judge(self, order: Order = "strict") -> list[str]:
        """Wait until the consumer is up to date, stop it, and say what it got wrong."""
        await self.settle()
        await self.stop()
        if order == "strict" and len(self._transcripts) > 1:
            order = "with repeats"
        return find_faults(self._transcripts[-1], self.newsroom.shown, order)

    async def begin_cluster(self) -> None:
        """Replace the cluster: the topics are empty, and the newsroom stays."""
        await self._disconnect()
        await self.kafka.begin_cluster()
        await self._connect()

    async def _connect(self) -> None:
        self._producer = AIOKafkaProducer(
            **client_options(self.kafka.settings), acks="all", max_request_size=2_097_152
        )
        await self._producer.start()

    async def _disconnect(self) -> None:
        if self._producer:
            await self._producer.stop()
            self._producer = None

    async def _wait_until_told(self, name: str, revision: int) -> None:
        assert self._consumer is not None
        told = self._consumer.transcript.told
        await self._consumer.wait_until(
            lambda: any(change.id == name and change.revision == revision for change in told),
            self._timeout,
        )

    def _is_settled(self) -> bool:
        """Whether the consumer shows the truth, and has done so for a while."""
        assert self._consumer is not None
        if self._consumer.quiet_seconds < QUIET_SECONDS:
            return False
        told = self._consumer.transcript.told
        beliefs = [fold({}, told), fold(self._believed_before(), told)]
        return self.newsroom.shown in beliefs

    def _believed_before(self) -> dict[str, int]:
        """What the runs before this one showed in the end, if they kept it."""
        believed: dict[str, int] = {}
        for transcript in self._transcripts:
            believed = fold(believed, transcript.told)
        return believed

    def _name_markers(self) -> list[str]:
        """A new article for every partition of the log."""
        (declared,) = [topic for topic in load_topics() if topic.name == PUBLISHED_LOG]
        partitions = list(range(declared.partitions))
        choose = DefaultPartitioner()
        names: dict[int, str] = {}
        while len(names) < len(partitions):
            self._markers += 1
            name = f"marker-{self._markers}"
            names.setdefault(choose(name.encode(), partitions, partitions), name)
        return list(names.values())
