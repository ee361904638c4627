"""Polling returns every record once, whatever cannot be read between."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import (
    CorruptRecordException,
    GroupAuthorizationFailedError,
    KafkaError,
    NodeNotReadyError,
)

from shared.broker.reading.polling.poll import Poller, UnreadableRecord
from shared.broker.records import to_record
from shared.errors import DependencyRejected
from shared.runtime.exit_codes import FAILED, exit_code_for

FIRST, SECOND = TopicPartition("t", 0), TopicPartition("t", 1)


class FakeConsumer:
    """Two partitions. Reading fails at the offsets in *broken*, as often as they say.

    Like aiokafka it moves on in the partitions that it could read before it raises.
    """

    def __init__(self, broken: Mapping[tuple[TopicPartition, int], list[Exception]]) -> None:
        self.broken = dict(broken)
        self.positions = {FIRST: 0, SECOND: 0}
        self.ends = {FIRST: 6, SECOND: 6}
        self.commits: dict[TopicPartition, int] = {}
        self.oldest = 0
        self.silences: list[Exception] = []
        self.reassigning: Poller | None = None

    def assign_again(self, poller: Poller) -> None:
        """Like aiokafka: reading begins at the commits again, and the listener is told."""
        self.positions = {FIRST: self.commits.get(FIRST, 0), SECOND: self.commits.get(SECOND, 0)}
        poller.forget_positions()

    def assignment(self) -> set[TopicPartition]:
        return set(self.positions)

    async def getmany(
        self, *partitions: TopicPartition, timeout_ms: int, max_records: int
    ) -> dict[TopicPartition, list[Any]]:
        room, found = max_records, {}
        for partition in sorted(partitions or self.positions):
            records = self._read(partition, room)
            if records:
                found[partition] = records
            room -= len(records)
        return found

    def _read(self, partition: TopicPartition, room: int) -> list[Any]:
        start = self.positions[partition]
        offsets = range(start, min(start + room, self.ends[partition]))
        for offset in offsets:
            failures = self.broken.get((partition, offset), [])
            if failures:
                self.positions[partition] = offset if room == 1 else start
                raise failures.pop(0)
        self.positions[partition] = offsets.stop if offsets else start
        return [make_raw(partition, offset) for offset in offsets]

    async def position(self, partition: TopicPartition) -> int:
        return self.positions[partition]

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self.positions[partition] = offset

    async def committed(self, partition: TopicPartition) -> int | None:
        if self.silences:
            raise self.silences.pop()
        if self.reassigning is not None:
            self.assign_again(self.reassigning)
            self.reassigning = None
        return self.commits.get(partition)

    async def beginning_offsets(self, partitions: list[TopicPartition]) -> Mapping[Any, int]:
        return dict.fromkeys(partitions, self.oldest)


def make_raw(partition: TopicPartition, offset: int) -> Any:
    return SimpleNamespace(topic=partition.topic, partition=partition.partition, offset=offset)


async def drain(consumer: FakeConsumer, polls: int = 40, max_records: int = 4) -> list[Any]:
    poller, found = Poller(10, max_records), []
    for _ in range(polls):
        found += await poller.poll(consumer)
    return found


def places(records: list[Any]) -> list[tuple[int, int]]:
    return [(record.partition, record.offset) for record in records]


EVERY_RECORD = sorted((partition, offset) for partition in (0, 1) for offset in range(6))


@pytest.mark.parametrize(
    "error",
    [
        CorruptRecordException("Invalid CRC"),
        ValueError("bad varint"),
        OSError("Not a gzipped file"),
        MemoryError(),
    ],
)
@pytest.mark.parametrize("place", [(FIRST, 0), (FIRST, 3), (SECOND, 0), (SECOND, 2), (SECOND, 5)])
async def test_a_record_that_can_never_be_read_is_left_out_and_no_other(
    place: tuple[TopicPartition, int], error: Exception
):
    found = await drain(FakeConsumer({place: [error] * 1_000}))
    assert sorted(places(found)) == EVERY_RECORD
    assert len(found) == len(EVERY_RECORD)
    (unreadable,) = [record for record in found if isinstance(record, UnreadableRecord)]
    partition, offset = place
    assert places([unreadable]) == [(partition.partition, offset)]
    assert type(error).__name__ in unreadable.fault
    for number in (0, 1):
        assert [offset for at, offset in places(found) if at == number] == list(range(6))


async def test_a_record_that_was_damaged_on_its_way_is_read_again():
    found = await drain(FakeConsumer({(SECOND, 2): [CorruptRecordException()] * 2}))
    assert sorted(places(found)) == EVERY_RECORD
    assert not any(isinstance(record, UnreadableRecord) for record in found)


async def test_reading_begins_at_the_commit_or_at_the_oldest_record():
    consumer = FakeConsumer({(SECOND, 4): [ValueError()]})
    consumer.positions = {FIRST: 3, SECOND: 2}
    consumer.commits, consumer.oldest = {FIRST: 3}, 2
    assert sorted(places(await drain(consumer))) == [
        *[(0, offset) for offset in range(3, 6)],
        *[(1, offset) for offset in range(2, 6)],
    ]


async def test_an_error_of_kafka_loses_nothing_that_aiokafka_had_read_already():
    consumer = FakeConsumer({(SECOND, 0): [NodeNotReadyError()]})
    poller = Poller(10, 10)
    with pytest.raises(KafkaError):
        await poller.poll(consumer)
    assert poller.fatal_error is None
    assert sorted(places([*await poller.poll(consumer), *await poller.poll(consumer)])) == (
        EVERY_RECORD
    )


async def test_where_to_begin_is_asked_until_kafka_says_so():
    """Until then nothing is read: the first partition has moved on already."""
    consumer = FakeConsumer({(SECOND, 0): [NodeNotReadyError()]})
    consumer.silences = [NodeNotReadyError()] * 3
    poller = Poller(10, 10)
    for _ in range(3):
        with pytest.raises(KafkaError):
            await poller.poll(consumer)
    assert sorted(places([*await poller.poll(consumer), *await poller.poll(consumer)])) == (
        EVERY_RECORD
    )


async def test_what_was_returned_before_an_assignment_is_not_skipped_after_it():
    """Its batch was not committed, so that Kafka delivers it again."""
    consumer = FakeConsumer({(FIRST, 0): []})
    poller = Poller(10, 4)
    await poller.poll(consumer)  # four records of the first partition
    consumer.assign_again(poller)
    consumer.broken[FIRST, 0].append(NodeNotReadyError())
    with pytest.raises(KafkaError):
        await poller.poll(consumer)
    found = [raw for _ in range(6) for raw in await poller.poll(consumer)]
    assert sorted(places(found)) == EVERY_RECORD


async def test_an_assignment_while_kafka_is_asked_where_to_begin_counts():
    consumer = FakeConsumer({(SECOND, 0): [NodeNotReadyError()]})
    poller = Poller(10, 4)
    await poller.poll(consumer)  # four records of the first partition, which are not committed
    consumer.reassigning = poller
    with pytest.raises(KafkaError):
        await poller.poll(consumer)
    found = [raw for _ in range(6) for raw in await poller.poll(consumer)]
    assert sorted(places(found)) == EVERY_RECORD


async def test_a_missing_right_is_fatal_and_says_so():
    poller = Poller(10, 10)
    with pytest.raises(GroupAuthorizationFailedError):
        await poller.poll(FakeConsumer({(FIRST, 0): [GroupAuthorizationFailedError("g")]}))
    assert isinstance(poller.fatal_error, DependencyRejected)
    assert "does not let this process read: GroupAuthorizationFailedError: g" in str(
        poller.fatal_error
    )


def test_handlers_get_an_unreadable_record_without_content_and_with_its_fault():
    record = to_record("c", UnreadableRecord("t", 1, 7, "CorruptRecordException"))
    assert (record.id, record.value, record.fault) == ("c/t/1/7", None, "CorruptRecordException")


async def test_a_consumer_whose_coordination_has_ended_ends_the_process_to_be_restarted():
    """aiokafka raises the same bare KafkaError at each poll from then on."""
    error = KafkaError("Unexpected error during coordination RuntimeError()")
    client, poller = FakeConsumer({(FIRST, 0): [error]}), Poller(1, 10)
    with pytest.raises(KafkaError):
        await poller.poll(client)  # type: ignore[arg-type]
    assert poller.fatal_error is not None
    assert exit_code_for(poller.fatal_error) == FAILED
    assert "the consumer has died, which a restart mends" in str(poller.fatal_error)
