"""Batches of one input: side by side as far as it allows, committed in their order, brought to an end on a stop."""

import asyncio
from typing import Any

import pytest
from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import CommitFailedError

from shared.broker.cap import InvalidCap
from shared.broker.consumer import COMMIT_FAILURES, Consumer
from shared.broker.delivery import Delivery
from shared.broker.service import Input
from shared.errors import Halted
from shared.settings import Settings


class Kafka:
    """A broker whose one subscriber is fed by hand; keeps what is committed."""

    def __init__(self) -> None:
        self.committed: list[dict[TopicPartition, int]] = []
        self.fenced = False

    def subscriber(self, topic: str, **options: Any) -> "Kafka":
        self.topic, self.options = topic, options
        return self

    def __call__(self, consume: Any) -> None:
        self.consume = consume

    @property
    def consumer(self) -> "Kafka":
        return self

    async def commit(self, offsets: dict[TopicPartition, int]) -> None:
        if self.fenced:
            raise CommitFailedError
        self.committed.append(offsets)


class Handler:
    """Lets a batch go when it is told to, by the offset of its first record."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.leave: dict[int, asyncio.Future[None]] = {}

    async def __call__(self, records: Any, store: Any) -> list[Any]:
        first = records[0].offset
        self.begun.append(first)
        self.leave[first] = asyncio.get_running_loop().create_future()
        await self.leave[first]
        return []


class Bench:
    def __init__(self, ahead: int, **settings: Any) -> None:
        self.kafka, self.handler = Kafka(), Handler()
        self.failures: list[BaseException] = []
        chosen = Settings(**settings)
        source = Input("test.fetch", "topic", self.handler, ahead)
        delivery = Delivery("test", self.handler, None, None, InvalidCap(chosen), 240)  # type: ignore[arg-type]
        self.consumer = Consumer(source, delivery, chosen, "c", self.ended)
        self.consumer.subscribe(self.kafka)  # type: ignore[arg-type]

    def ended(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self.failures.append(error)

    def feed(self, first: int, count: int = 1) -> "asyncio.Task[None]":
        return asyncio.create_task(self.kafka.consume(batch(first, count)))

    @property
    def committed(self) -> list[int]:
        return [offset for offsets in self.kafka.committed for offset in offsets.values()]


def batch(first: int, count: int) -> tuple[ConsumerRecord[Any, Any], ...]:
    return tuple(ConsumerRecord("topic", 0, first + n, 0, 0, None, b"x", None, 0, 1, ()) for n in range(count))


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_each_input_has_a_group_of_its_own():
    bench = Bench(ahead=1, instance="7")
    assert (bench.kafka.topic, bench.kafka.options["group_id"]) == ("topic", "seedwire.test.fetch")
    assert bench.kafka.options["group_instance_id"] == "test.fetch-7"


async def test_by_default_a_batch_is_begun_when_the_one_before_is_done():
    bench = Bench(ahead=1)
    fed = bench.feed(0, 5)
    await settle()
    assert not fed.done()
    bench.handler.leave[0].set_result(None)
    await fed
    assert bench.committed == [5]


async def test_batches_run_side_by_side_up_to_so_many_records():
    bench = Bench(ahead=10)
    one, two = bench.feed(0, 5), bench.feed(5, 5)
    await settle()
    assert (one.done(), two.done(), bench.handler.begun) == (True, False, [0, 5])
    bench.handler.leave[0].set_result(None)
    await two
    assert bench.committed == [5]


async def test_a_batch_is_committed_only_after_those_before_it():
    bench = Bench(ahead=100)
    for first in (0, 5, 10):
        await bench.feed(first, 5)
    await settle()
    bench.handler.leave[10].set_result(None)
    bench.handler.leave[5].set_result(None)
    await settle()
    assert bench.committed == []
    bench.handler.leave[0].set_result(None)
    await settle()
    assert bench.committed == [5, 10, 15]


async def test_nothing_is_committed_past_a_batch_that_failed():
    bench = Bench(ahead=100)
    for first in (0, 5):
        await bench.feed(first, 5)
    await settle()
    bench.handler.leave[5].set_result(None)
    bench.handler.leave[0].set_exception(Halted("too much is wrong"))
    await settle()
    assert bench.committed == []
    assert [type(error) for error in bench.failures] == [Halted]


async def test_a_stop_finishes_what_is_in_hand_and_takes_no_more():
    bench = Bench(ahead=100)
    await bench.feed(0, 5)
    await settle()
    bench.consumer.stop()
    await bench.feed(5, 5)
    finishing = asyncio.create_task(bench.consumer.finish())
    await settle()
    bench.handler.leave[0].set_result(None)
    await finishing
    assert (bench.committed, bench.handler.begun) == ([5], [0])


async def test_what_does_not_end_within_the_grace_time_is_given_up():
    bench = Bench(ahead=100, grace_seconds=0.01)
    for first in (0, 5):
        await bench.feed(first, 5)
    await settle()
    bench.handler.leave[5].set_result(None)
    bench.consumer.stop()
    await bench.consumer.finish()
    await settle()
    assert (bench.committed, bench.failures) == ([], [])


async def test_a_commit_that_fails_again_and_again_halts():
    bench = Bench(ahead=1)
    bench.kafka.fenced = True
    for first in range(COMMIT_FAILURES):
        fed = bench.feed(first)
        await settle()
        bench.handler.leave[first].set_result(None)
        await fed
    assert [type(error) for error in bench.failures] == [Halted]


@pytest.mark.parametrize("ahead", [1, 100])
async def test_after_a_stop_records_are_left_to_the_next(ahead: int):
    bench = Bench(ahead)
    bench.consumer.stop()
    await bench.feed(0)
    assert bench.handler.begun == []
