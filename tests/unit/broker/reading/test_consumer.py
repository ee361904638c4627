"""A consumer commits what it has handled, but nothing for partitions revoked meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import CommitFailedError, KafkaError

from shared.broker.reading.consumer import Consumer
from shared.broker.reading.delivery import BatchHandler, Delivery
from shared.broker.reading.invalid_record_limit import InvalidRecordLimit
from shared.broker.reading.progress import Progress
from shared.broker.reading.subscription import Subscription
from shared.broker.records import Event, Record
from shared.errors import ProcessingHalted
from shared.settings import Settings


class FakeKafka:
    """Stands for FastStream's broker, its subscriber and its consumer."""

    def __init__(self) -> None:
        self.committed: list[dict[TopicPartition, int]] = []
        self.error: KafkaError | None = None
        self.consumer = self
        self.listener: ConsumerRebalanceListener
        self.consume: Callable[[Any], Awaitable[None]]

    def subscriber(self, topic: str, listener: ConsumerRebalanceListener, **_: Any) -> "FakeKafka":
        self.listener = listener
        return self

    def __call__(self, consume: Callable[[Any], Awaitable[None]]) -> None:
        self.consume = consume

    async def commit(self, offsets: dict[TopicPartition, int]) -> None:
        if self.error is not None:
            raise self.error
        self.committed.append(offsets)


def record(offset: int, key: bytes | None = None, partition: int = 0) -> Any:
    return SimpleNamespace(
        topic="t", partition=partition, offset=offset, timestamp=0, key=key, value=b"", headers=()
    )


def list_repeats(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the log says that Kafka delivers again."""
    return [entry.args[0] for entry in caplog.records if "delivers it again" in entry.msg]


class NoHooks:
    """Hooks that have nothing to do."""

    topic = "rejected"

    async def save(self, events: Sequence[Event]) -> None: ...

    async def find_repairs(self, events: Sequence[Event]) -> list[Event]:
        return []

    async def keep(self, record: Record, error: Exception) -> Event:
        raise NotImplementedError

    async def keep_event(self, event: Event, error: Exception) -> None:
        raise NotImplementedError


def build_consumer(
    kafka: FakeKafka,
    handler: BatchHandler,
    on_done: Callable[[asyncio.Task[Any]], Any],
    **subscription: Any,
) -> Consumer:
    settings, hooks = Settings(), NoHooks()
    limit, progress = InvalidRecordLimit(settings), Progress(groups=["test"])
    sender: Any = None  # no handler here returns an event
    delivery = Delivery("test", handler, sender, hooks, hooks, limit, 1, progress)
    source = Subscription("test", "t", **subscription)
    consumer = Consumer(source, delivery, settings, "c", on_done)
    consumer.subscribe(kafka)  # type: ignore[arg-type]
    return consumer


@pytest.fixture
def kafka() -> FakeKafka:
    return FakeKafka()


@pytest.fixture
def is_revoked() -> list[bool]:
    """Whether the partitions are revoked while a batch is handled."""
    return [False]


@pytest.fixture
def consumer(kafka: FakeKafka, is_revoked: list[bool]) -> Consumer:
    async def handle(records: Sequence[Record]) -> list[Event]:
        if is_revoked[0]:
            kafka.listener.on_partitions_revoked([])
            kafka.listener.on_partitions_assigned([])
        return []

    return build_consumer(kafka, handle, asyncio.Task.result)


async def test_a_handled_batch_is_committed(consumer: Consumer, kafka: FakeKafka):
    await kafka.consume((record(4), record(5)))
    await consumer.finish()
    assert kafka.committed == [{TopicPartition("t", 0): 6}]


async def test_a_batch_that_outlived_its_assignment_is_not_committed(
    consumer: Consumer, kafka: FakeKafka, is_revoked: list[bool]
):
    """The partition may be ours again, but others may have gone further: the commit would set them
    back."""
    is_revoked[0] = True
    await kafka.consume((record(4),))
    await consumer.finish()
    assert kafka.committed == []
    is_revoked[0] = False
    await kafka.consume((record(4),))
    await consumer.finish()
    assert kafka.committed == [{TopicPartition("t", 0): 5}]


async def test_the_log_names_what_was_in_flight_at_a_rebalance(
    consumer: Consumer,
    kafka: FakeKafka,
    is_revoked: list[bool],
    caplog: pytest.LogCaptureFixture,
):
    caplog.set_level("INFO")
    await kafka.consume((record(3),))
    is_revoked[0] = True
    await kafka.consume((record(4), record(5), record(6, partition=1)))
    await consumer.finish()
    assert list_repeats(caplog) == ["t/0/4-5, t/1/6-6"]


async def test_the_log_names_a_batch_that_came_before_a_rebalance_and_begins_after_it(
    consumer: Consumer, kafka: FakeKafka, caplog: pytest.LogCaptureFixture
):
    caplog.set_level("INFO")
    consuming = asyncio.create_task(kafka.consume((record(4),)))  # type: ignore[arg-type]
    asyncio.get_running_loop().call_soon(kafka.listener.on_partitions_revoked, [])
    await consuming
    await consumer.finish()
    assert list_repeats(caplog) == ["t/0/4-4"]
    assert kafka.committed == []


async def test_the_log_names_what_could_not_be_committed(
    consumer: Consumer, kafka: FakeKafka, caplog: pytest.LogCaptureFixture
):
    caplog.set_level("INFO")
    kafka.error = CommitFailedError()
    await kafka.consume((record(4), record(5)))
    await consumer.finish()
    assert list_repeats(caplog) == ["t/0/4-5"]


async def test_an_error_before_a_batch_is_handled_is_reported_and_nothing_committed(
    kafka: FakeKafka,
):
    def is_slow(_: Record) -> bool:
        raise ProcessingHalted

    async def handle(records: Sequence[Record]) -> list[Event]:
        return []

    errors: list[BaseException | None] = []

    def note_error(task: asyncio.Task[Any]) -> None:
        errors.append(task.exception())

    build_consumer(kafka, handle, note_error, is_slow=is_slow)
    await kafka.consume((record(0),))
    assert [type(error) for error in errors] == [ProcessingHalted]
    assert kafka.committed == []


def is_keyed_slow(record: Record) -> bool:
    return record.key == b"slow"


class TestSideBySide:
    """A subscription that may have several batches in flight."""

    @pytest.fixture
    def slow(self) -> dict[int, asyncio.Event]:
        """Offsets whose batches are handled only when their event is set."""
        return {}

    @pytest.fixture
    def broken(self) -> set[int]:
        """Offsets whose batches fail."""
        return set()

    @pytest.fixture
    def consumer(
        self, kafka: FakeKafka, slow: dict[int, asyncio.Event], broken: set[int]
    ) -> Consumer:
        async def handle(records: Sequence[Record]) -> list[Event]:
            if records[0].offset in slow:
                await slow[records[0].offset].wait()
            if records[0].offset in broken:
                raise ProcessingHalted
            return []

        return build_consumer(
            kafka, handle, asyncio.Task.exception, max_in_flight=2, is_slow=is_keyed_slow
        )

    async def test_batches_that_are_done_behind_a_slow_one_do_not_stop_polling(
        self, consumer: Consumer, kafka: FakeKafka, slow: dict[int, asyncio.Event]
    ):
        slow[0] = asyncio.Event()
        async with asyncio.timeout(10):
            for offset in range(15):
                await kafka.consume((record(offset),))
        assert kafka.committed == []
        slow[0].set()
        await consumer.finish()
        assert kafka.committed == [{TopicPartition("t", 0): offset + 1} for offset in range(15)]

    async def test_polling_pauses_at_the_maximum_in_flight(
        self, consumer: Consumer, kafka: FakeKafka, slow: dict[int, asyncio.Event]
    ):
        slow |= {0: asyncio.Event(), 1: asyncio.Event()}
        await kafka.consume((record(0),))
        full = asyncio.create_task(kafka.consume((record(1),)))  # type: ignore[arg-type]
        await let_others_run()
        assert not full.done()
        slow[1].set()
        async with asyncio.timeout(10):
            await full
        slow[0].set()
        await consumer.finish()

    async def test_polling_pauses_at_the_maximum_of_uncommitted_records(
        self, consumer: Consumer, kafka: FakeKafka, slow: dict[int, asyncio.Event]
    ):
        slow[0] = asyncio.Event()
        for offset in range(19):
            await kafka.consume((record(offset),))
        full = asyncio.create_task(kafka.consume((record(19),)))  # type: ignore[arg-type]
        await let_others_run()
        assert not full.done()
        slow[0].set()
        async with asyncio.timeout(10):
            await full
        await consumer.finish()
        assert kafka.committed[-1] == {TopicPartition("t", 0): 20}

    async def test_nothing_is_committed_past_a_batch_that_failed(
        self, consumer: Consumer, kafka: FakeKafka, slow: dict[int, asyncio.Event], broken: set[int]
    ):
        slow[0] = asyncio.Event()
        broken.add(0)
        for offset in range(4):
            await kafka.consume((record(offset),))
        slow[0].set()
        await consumer.finish()
        assert kafka.committed == []

    async def test_slow_records_do_not_hold_up_the_rest_of_their_batch(
        self, consumer: Consumer, kafka: FakeKafka, slow: dict[int, asyncio.Event]
    ):
        slow[1] = asyncio.Event()
        full = asyncio.create_task(kafka.consume((record(0), record(1, b"slow"), record(2))))  # type: ignore[arg-type]
        async with asyncio.timeout(10):
            await full  # two of three records are done
        assert kafka.committed == []
        slow[1].set()
        await consumer.finish()
        assert kafka.committed == [{TopicPartition("t", 0): 3}]


async def let_others_run() -> None:
    """Let the other tasks go on as far as they can."""
    for _ in range(20):
        await asyncio.sleep(0)
