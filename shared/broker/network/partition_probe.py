"""Asks for the ends of partitions, and for the records at given offsets, with one open client."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.broker.reading.polling.poll import UNREADABLE
from shared.broker.records import to_record

FETCH_MS: Final = 20


@dataclass(frozen=True)
class FirstRecord:
    """The first record from an offset on; None instead of its stamp if it cannot be read."""

    offset: int
    stamp: datetime | None


@dataclass(frozen=True)
class Answer:
    """The end of a partition, and its first record from the offset that was asked for, if any."""

    end: int
    first: FirstRecord | None


class PartitionProbe:
    """Asks through *client*, which joins no group; between two questions it fetches nothing."""

    def __init__(self, client: AIOKafkaConsumer) -> None:
        self._client = client
        self._first: dict[TopicPartition, FirstRecord] = {}

    async def ask(self, offsets: Mapping[TopicPartition, int]) -> dict[TopicPartition, Answer]:
        """The answer of each partition. Raises KafkaError; blocks while Kafka is silent."""
        self._first = {}
        self._client.assign([*offsets])  # forgets the ends that were seen before
        for partition, offset in offsets.items():
            self._client.seek(partition, offset)
        try:
            while unanswered := await self._list_unanswered(offsets):
                await self._fetch(unanswered)
            return {partition: self._answer(partition) for partition in offsets}
        finally:
            # Not `unsubscribe`: to stop a client that has just lost its assignment may never end,
            # because the task that fetches swallows its cancellation while it ends the fetches.
            self._client.pause(*offsets)

    def _answer(self, partition: TopicPartition) -> Answer:
        return Answer(int(self._client.highwater(partition)), self._first.get(partition))

    async def _list_unanswered(self, offsets: Mapping[TopicPartition, int]) -> list[TopicPartition]:
        unanswered = []
        for partition in offsets.keys() - self._first.keys():
            end = self._client.highwater(partition)
            # The position is not the offset that was asked for if the records there are gone.
            if end is None or await self._client.position(partition) < end:
                unanswered.append(partition)
        return unanswered

    async def _fetch(self, partitions: list[TopicPartition]) -> None:
        try:
            batches = await self._client.getmany(*partitions, timeout_ms=FETCH_MS, max_records=1)
        except UNREADABLE:
            await self._fetch_one_by_one(partitions)
            return
        self._take(batches)

    async def _fetch_one_by_one(self, partitions: list[TopicPartition]) -> None:
        """One of the records cannot be read, by nobody. It waits like any other."""
        for partition in partitions:
            try:
                self._take(
                    await self._client.getmany(partition, timeout_ms=FETCH_MS, max_records=1)
                )
            except UNREADABLE:
                offset = await self._client.position(partition)
                self._first[partition] = FirstRecord(int(offset), None)

    def _take(self, batches: Mapping[TopicPartition, list[Any]]) -> None:
        for partition, (raw, *_) in batches.items():
            self._first[partition] = FirstRecord(raw.offset, to_record("", raw).timestamp)
