"""Reads a topic from its start to its end, and later on from there, without a consumer group.

It joins no group and commits nothing, so services never notice it.
"""

import time
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from services.console.progress import ProgressCallback
from shared.broker.network.connection import open_reader
from shared.broker.network.partitions import list_partitions, read_end_offsets
from shared.broker.records import Record, to_record
from shared.errors import KafkaUnavailable
from shared.settings import Settings

SILENCE: Final = 60.0  # seconds without a record although there are some: Kafka is not healthy


class TopicReader:
    """One topic of one cluster.

    After a read, *truncated* holds the partitions whose oldest records are gone.
    """

    def __init__(
        self, settings: Settings, cluster: str, topic: str, report_progress: ProgressCallback
    ) -> None:
        self._settings = settings
        self._cluster = cluster
        self._report_progress = report_progress
        self.topic = topic
        self.truncated: set[int] = set()
        self.exists = True
        self._oldest: dict[int, datetime] = {}
        self._next: dict[TopicPartition, int] = {}

    async def read(self, until: Mapping[int, int] | None = None) -> AsyncIterator[Record]:
        """Yield all records up to the current end offsets, in order within a partition.

        *until* gives an earlier end for each partition. A second read continues where the first
        one stopped. Raises KafkaUnavailable.
        """
        assigned = await list_partitions(self._settings, self.topic)
        self.exists = bool(assigned)
        if not assigned:
            return
        async with open_reader(self._settings) as client:
            try:
                client.assign(assigned)
                async for record in self._read(client, assigned, until):
                    yield record
            except KafkaError as error:
                raise KafkaUnavailable(f"{self.topic} cannot be read: {error!r}") from error

    @property
    def horizon(self) -> datetime | None:
        """Records older than this may be gone; None if all records are still there."""
        if not self.truncated:
            return None
        now = datetime.now(UTC)
        return max(self._oldest.get(partition, now) for partition in self.truncated)

    async def _read(
        self,
        client: AIOKafkaConsumer,
        assigned: list[TopicPartition],
        until: Mapping[int, int] | None,
    ) -> AsyncIterator[Record]:
        beginnings = await client.beginning_offsets(assigned)
        self.truncated |= {p.partition for p, offset in beginnings.items() if offset > 0}
        end = await read_end_offsets(client)
        if until is not None:
            end = {p: min(offset, until.get(p.partition, 0)) for p, offset in end.items()}
        for partition in assigned:
            client.seek(partition, max(self._next.get(partition, 0), beginnings[partition]))
        async for record in self._read_records(client, end):
            self._oldest.setdefault(record.partition, record.timestamp)
            yield record
        self._next |= end

    async def _read_records(
        self, client: AIOKafkaConsumer, end: dict[TopicPartition, int]
    ) -> AsyncIterator[Record]:
        last_received = time.monotonic()
        read = 0
        total = sum(end.values())
        while behind := await _partitions_behind(client, end):
            batches = await client.getmany(*behind, timeout_ms=200)
            for partition, records in batches.items():
                last_received = time.monotonic()
                read += len(records)
                for raw in records:
                    if raw.offset < end[partition]:
                        yield to_record(self._cluster, raw)
            self._report_progress(self.topic, read, total)
            if time.monotonic() - last_received > SILENCE:
                raise KafkaUnavailable(f"{self.topic} returns no records, although it has some")


async def _partitions_behind(
    client: AIOKafkaConsumer, end: Mapping[TopicPartition, int]
) -> list[TopicPartition]:
    behind = []
    for partition, offset in end.items():
        if await client.position(partition) < offset:
            behind.append(partition)
    return behind
