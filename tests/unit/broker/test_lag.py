"""The lag that a member reports: true before its first commit, and while it stands still."""

import asyncio
from collections.abc import Collection, Iterable
from typing import Any

import pytest
from aiokafka import TopicPartition

from shared.broker.offsets.lag import LagMonitor, PartitionLag
from shared.errors import KafkaUnavailable

FIRST, SECOND = TopicPartition("seeds", 0), TopicPartition("seeds", 1)


class FakeKafka:
    """What Kafka knows of the group, and what the member has fetched."""

    def __init__(self) -> None:
        self.assigned: set[TopicPartition] = {FIRST}
        self.lags = {FIRST: PartitionLag(0, 0), SECOND: PartitionLag(0, 0)}
        self.fetched: dict[TopicPartition, int] = {}
        self.is_available = True
        self.asked = 0
        self.now = 0.0

    def assignment(self) -> frozenset[TopicPartition]:
        return frozenset(self.assigned)

    def highwater(self, partition: TopicPartition) -> int | None:
        return self.fetched.get(partition)

    async def measure(
        self, partitions: Collection[TopicPartition]
    ) -> dict[TopicPartition, PartitionLag]:
        self.asked += 1
        if not self.is_available:
            raise KafkaUnavailable("gone")
        return {partition: self.lags[partition] for partition in partitions}


class Member:
    """Checks as a worker does, once a second."""

    def __init__(self, kafka: FakeKafka) -> None:
        self.kafka: Any = kafka
        self.monitor = LagMonitor(kafka.measure, lambda: kafka.now)
        self.assignments = 1
        self.batch_seconds = 0.0

    async def run(self, seconds: Iterable[int] = range(1)) -> int | None:
        for _ in seconds:
            self.kafka.now += 1
            self.monitor.check(self.kafka, self.assignments, self.batch_seconds)
            await asyncio.sleep(0)
        return self.monitor.estimate(self.kafka)


@pytest.fixture
def kafka() -> FakeKafka:
    return FakeKafka()


@pytest.fixture
def member(kafka: FakeKafka) -> Member:
    return Member(kafka)


async def test_before_the_first_commit_everything_that_waits_counts(
    kafka: FakeKafka, member: Member
):
    kafka.lags[FIRST] = PartitionLag(0, 15)
    assert member.monitor.estimate(member.kafka) is None
    assert await member.run() == 15


async def test_a_topic_of_which_old_records_are_gone_lags_from_its_beginning(
    kafka: FakeKafka, member: Member
):
    kafka.lags[FIRST] = PartitionLag(committed=100, end=103)
    assert await member.run() == 3


async def test_what_is_fetched_and_committed_later_counts_without_asking_again(
    kafka: FakeKafka, member: Member
):
    await member.run()
    kafka.fetched[FIRST] = 20
    assert await member.run(range(30)) == 20
    member.monitor.note_commit({FIRST: 12})
    assert await member.run() == 8
    assert kafka.asked == 1


async def test_a_batch_that_stands_still_does_not_hide_what_comes_behind_it(
    kafka: FakeKafka, member: Member
):
    kafka.fetched[FIRST] = 1
    assert await member.run() == 1
    kafka.lags[FIRST] = PartitionLag(0, 16)
    assert await member.run(range(10)) == 1
    member.batch_seconds = 6
    assert await member.run(range(10)) == 16
    assert kafka.asked == 3  # every five seconds


async def test_another_assignment_is_another_lag(kafka: FakeKafka, member: Member):
    kafka.lags[FIRST] = PartitionLag(0, 5)
    await member.run()
    member.monitor.note_commit({FIRST: 5})
    assert await member.run() == 0
    kafka.assigned = {FIRST, SECOND}
    kafka.lags |= {FIRST: PartitionLag(50, 60), SECOND: PartitionLag(7, 8)}
    member.assignments += 1
    assert await member.run() == 11


async def test_without_partitions_the_lag_is_none_of_this_member(kafka: FakeKafka, member: Member):
    kafka.assigned = set()
    assert await member.run() == 0


async def test_while_kafka_does_not_answer_the_lag_is_not_known(kafka: FakeKafka, member: Member):
    kafka.is_available = False
    assert await member.run(range(3)) is None
    kafka.is_available = True
    kafka.lags[FIRST] = PartitionLag(0, 4)
    assert await member.run(range(5)) == 4
    await member.monitor.stop()
