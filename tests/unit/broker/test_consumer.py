"""A consumer commits what it has handled, and nothing any more for partitions that were taken away meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import ConsumerRebalanceListener, TopicPartition

from shared.broker.consumer import Consumer
from shared.broker.delivery import Delivery
from shared.broker.invalid_limit import InvalidCap
from shared.broker.records import Event, Record
from shared.errors import Halted
from shared.runtime.service import Input
from shared.settings import Settings


class Kafka:
    """Stands for FastStream's broker, its subscriber and its consumer."""

    def __init__(self) -> None:
        self.committed: list[dict[TopicPartition, int]] = []
        self.consumer = self
        self.listener: ConsumerRebalanceListener
        self.consume: Callable[[Any], Awaitable[None]]

    def subscriber(self, topic: str, listener: ConsumerRebalanceListener, **_: Any) -> "Kafka":
        self.listener = listener
        return self

    def __call__(self, consume: Callable[[Any], Awaitable[None]]) -> None:
        self.consume = consume

    async def commit(self, offsets: dict[TopicPartition, int]) -> None:
        self.committed.append(offsets)


def record(offset: int, key: bytes | None = None) -> Any:
    return SimpleNamespace(
        topic="t", partition=0, offset=offset, timestamp=0, key=key, value=b"", headers=()
    )


@pytest.fixture
def kafka() -> Kafka:
    return Kafka()


@pytest.fixture
def taken_away() -> list[bool]:
    """Whether the partitions are taken away while a batch is handled."""
    return [False]


@pytest.fixture
def consumer(kafka: Kafka, taken_away: list[bool]) -> Consumer:
    async def handle(records: Sequence[Record], store: Any) -> list[Event]:
        if taken_away[0]:
            kafka.listener.on_partitions_revoked([])
            kafka.listener.on_partitions_assigned([])
        return []

    settings = Settings()
    delivery = Delivery("test", handle, None, None, InvalidCap(settings), 1)  # type: ignore[arg-type]
    made = Consumer(Input("test", "t", handle), delivery, settings, "c", asyncio.Task.result)
    made.subscribe(kafka)  # type: ignore[arg-type]
    return made


async def test_what_was_handled_is_committed(consumer: Consumer, kafka: Kafka):
    await kafka.consume((record(4), record(5)))
    await consumer.finish()
    assert kafka.committed == [{TopicPartition("t", 0): 6}]


async def test_a_batch_that_outlived_its_share_is_not_committed(
    consumer: Consumer, kafka: Kafka, taken_away: list[bool]
):
    """The partition may be ours again, and others may have got further: the commit would go back."""
    taken_away[0] = True
    await kafka.consume((record(4),))
    await consumer.finish()
    assert kafka.committed == []
    taken_away[0] = False
    await kafka.consume((record(4),))
    await consumer.finish()
    assert kafka.committed == [{TopicPartition("t", 0): 5}]


async def test_what_breaks_before_a_batch_is_handled_is_told_and_nothing_committed(kafka: Kafka):
    def apart(_: Record) -> bool:
        raise Halted

    async def handle(records: Sequence[Record], store: Any) -> list[Event]:
        return []

    told: list[BaseException | None] = []
    settings = Settings()
    delivery = Delivery("test", handle, None, None, InvalidCap(settings), 1)  # type: ignore[arg-type]
    consumer = Consumer(
        Input("test", "t", handle, apart=apart),
        delivery,
        settings,
        "c",
        lambda task: told.append(task.exception()),
    )
    consumer.subscribe(kafka)  # type: ignore[arg-type]
    await kafka.consume((record(0),))
    assert [type(error) for error in told] == [Halted]
    assert kafka.committed == []


class TestSideBySide:
    """A source that may have several batches in hand."""

    @pytest.fixture
    def slow(self) -> dict[int, asyncio.Event]:
        """Offsets whose batches are handled only when their event is set."""
        return {}

    @pytest.fixture
    def broken(self) -> set[int]:
        """Offsets whose batches fail."""
        return set()

    @pytest.fixture
    def consumer(self, kafka: Kafka, slow: dict[int, asyncio.Event], broken: set[int]) -> Consumer:
        async def handle(records: Sequence[Record], store: Any) -> list[Event]:
            if records[0].offset in slow:
                await slow[records[0].offset].wait()
            if records[0].offset in broken:
                raise Halted
            return []

        settings = Settings()
        delivery = Delivery("test", handle, None, None, InvalidCap(settings), 1)  # type: ignore[arg-type]
        source = Input("test", "t", handle, ahead=2, apart=lambda record: record.key == b"slow")
        made = Consumer(source, delivery, settings, "c", asyncio.Task.exception)
        made.subscribe(kafka)  # type: ignore[arg-type]
        return made

    async def test_what_is_through_behind_a_slow_batch_holds_up_nothing(
        self, consumer: Consumer, kafka: Kafka, slow: dict[int, asyncio.Event]
    ):
        slow[0] = asyncio.Event()
        async with asyncio.timeout(10):
            for offset in range(15):
                await kafka.consume((record(offset),))
        assert kafka.committed == []
        slow[0].set()
        await consumer.finish()
        assert kafka.committed == [{TopicPartition("t", 0): offset + 1} for offset in range(15)]

    async def test_no_more_is_worked_on_than_may_be(
        self, consumer: Consumer, kafka: Kafka, slow: dict[int, asyncio.Event]
    ):
        slow |= {0: asyncio.Event(), 1: asyncio.Event()}
        await kafka.consume((record(0),))
        full = asyncio.create_task(kafka.consume((record(1),)))  # type: ignore[arg-type]
        await settle()
        assert not full.done()
        slow[1].set()
        async with asyncio.timeout(10):
            await full
        slow[0].set()
        await consumer.finish()

    async def test_what_waits_to_be_committed_is_bounded_too(
        self, consumer: Consumer, kafka: Kafka, slow: dict[int, asyncio.Event]
    ):
        slow[0] = asyncio.Event()
        for offset in range(19):
            await kafka.consume((record(offset),))
        full = asyncio.create_task(kafka.consume((record(19),)))  # type: ignore[arg-type]
        await settle()
        assert not full.done()
        slow[0].set()
        async with asyncio.timeout(10):
            await full
        await consumer.finish()
        assert kafka.committed[-1] == {TopicPartition("t", 0): 20}

    async def test_nothing_is_committed_past_a_batch_that_failed(
        self, consumer: Consumer, kafka: Kafka, slow: dict[int, asyncio.Event], broken: set[int]
    ):
        slow[0] = asyncio.Event()
        broken.add(0)
        for offset in range(4):
            await kafka.consume((record(offset),))
        slow[0].set()
        await consumer.finish()
        assert kafka.committed == []

    async def test_records_that_may_take_long_hold_up_no_other_of_their_batch(
        self, consumer: Consumer, kafka: Kafka, slow: dict[int, asyncio.Event]
    ):
        slow[1] = asyncio.Event()
        full = asyncio.create_task(kafka.consume((record(0), record(1, b"slow"), record(2))))  # type: ignore[arg-type]
        async with asyncio.timeout(10):
            await full  # two of three are through
        assert kafka.committed == []
        slow[1].set()
        await consumer.finish()
        assert kafka.committed == [{TopicPartition("t", 0): 3}]


async def settle() -> None:
    """Let the others go on as far as they can."""
    for _ in range(20):
        await asyncio.sleep(0)
