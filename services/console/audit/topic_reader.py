"""Reads a topic from its start to its end, and later on from there. Reads alone: joins no group, commits nothing."""

import time
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from shared.broker.connection import ends, partitions, reader
from shared.broker.records import Record
from shared.broker.records import record as as_record
from shared.errors import BrokerAway
from shared.settings import Settings

SILENCE: Final = 60.0  # seconds without a record although there are some: the broker is sick

Advance = Callable[[str, int, int], object]
"""Told how far an audit is: what is read, how much of it, of how much."""


class TopicReader:
    """One topic of one cluster. After a read: *truncated* partitions, whose oldest records are gone."""

    def __init__(self, settings: Settings, cluster: str, topic: str, advance: Advance) -> None:
        self._settings = settings
        self._cluster = cluster
        self._advance = advance
        self.topic = topic
        self.truncated: set[int] = set()
        self.exists = True
        self._oldest: dict[int, datetime] = {}
        self._next: dict[TopicPartition, int] = {}

    async def read(self, until: Mapping[int, int] | None = None) -> AsyncIterator[Record]:
        """All records up to the ends as they are now, or before *until* by partition; in order within a partition.

        Read again, it goes on where it stopped. Raises BrokerAway.
        """
        assigned = await partitions(self._settings, self.topic)
        self.exists = bool(assigned)
        if not assigned:
            return
        async with reader(self._settings) as client:
            try:
                client.assign(assigned)
                async for record in self._read(client, assigned, until):
                    yield record
            except KafkaError as error:
                raise BrokerAway(f"{self.topic} cannot be read: {error!r}") from error

    @property
    def horizon(self) -> datetime | None:
        """Records older than this may be gone; None when none is."""
        gone = [self._oldest.get(number, datetime.now(UTC)) for number in self.truncated]
        return max(gone, default=None)

    async def _read(
        self,
        client: AIOKafkaConsumer,
        assigned: list[TopicPartition],
        until: Mapping[int, int] | None,
    ) -> AsyncIterator[Record]:
        beginnings = await client.beginning_offsets(assigned)
        self.truncated |= {p.partition for p, offset in beginnings.items() if offset > 0}
        end = await ends(client)
        if until is not None:
            end = {p: min(offset, until.get(p.partition, 0)) for p, offset in end.items()}
        for partition in assigned:
            client.seek(partition, max(self._next.get(partition, 0), beginnings[partition]))
        async for record in self._records(client, end):
            self._oldest.setdefault(record.partition, record.timestamp)
            yield record

    async def _records(
        self, client: AIOKafkaConsumer, end: dict[TopicPartition, int]
    ) -> AsyncIterator[Record]:
        behind = dict.fromkeys(end)
        last, read, total = time.monotonic(), 0, sum(end.values())
        while behind := {p: None for p in behind if await client.position(p) < end[p]}:
            for partition, records in (await client.getmany(*behind, timeout_ms=200)).items():
                last = time.monotonic()
                read += len(records)
                for raw in records:
                    if raw.offset < end[partition]:
                        yield as_record(self._cluster, raw)
            self._advance(self.topic, read, total)
            if time.monotonic() - last > SILENCE:
                raise BrokerAway(f"{self.topic} gives no records, though there are some")
        self._next |= end
