"""The heartbeat says what a process waits for and since when, across its restarts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.broker.reading.progress import Progress
from shared.errors import DependencyRejected, KafkaUnavailable, ProcessingHalted
from shared.runtime.liveness.health import Obstacle
from shared.runtime.liveness.heartbeat import HeartbeatWriter
from shared.settings import Settings
from shared.store import Heartbeat

SETTINGS = Settings(instance="1")


class FakeStore:
    def __init__(self) -> None:
        self.workers = self
        self.heartbeats: dict[str, Heartbeat] = {}

    async def save_heartbeat(self, heartbeat: Heartbeat) -> None:
        self.heartbeats[heartbeat.instance] = heartbeat

    async def list_heartbeats(self) -> list[Heartbeat]:
        return list(self.heartbeats.values())


class Process:
    """One run of the service: its clock stands still unless it is moved."""

    def __init__(self, store: Any) -> None:
        self.now = 1000.0
        self.progress = Progress(lambda: self.now)
        self.obstacle: Obstacle | None = None
        self.store = store
        self.writer = HeartbeatWriter(
            "ingest", SETTINGS, store, self.progress, lambda: 15, lambda: self.obstacle
        )

    async def beat(self) -> Heartbeat:
        if self.writer._inherited is None:
            self.writer._inherited = await self.writer._load_wait()
        await self.writer._write_current()
        return self.last

    @property
    def last(self) -> Heartbeat:
        heartbeat: Heartbeat = self.store.heartbeats["ingest-1"]
        return heartbeat

    def seconds_waited(self) -> float:
        assert self.last.waits_since
        return (datetime.now(UTC) - self.last.waits_since).total_seconds()


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


async def test_a_process_that_works_waits_for_nothing(store: FakeStore):
    heartbeat = await Process(store).beat()
    assert (heartbeat.waits_for, heartbeat.waits_since, heartbeat.note) == ("", None, "")
    assert (heartbeat.lag, heartbeat.handled_at) == (15, None)


async def test_a_process_that_waits_says_for_what_since_when_and_why(store: FakeStore):
    process = Process(store)
    process.obstacle = Obstacle("a batch", 75, "12 records from seeds/2/117 on takes long")
    heartbeat = await process.beat()
    assert (heartbeat.waits_for, heartbeat.note) == ("a batch", process.obstacle.note)
    assert process.seconds_waited() == pytest.approx(75, abs=1)


async def test_the_moment_of_the_last_batch_is_kept(store: FakeStore):
    process = Process(store)
    with process.progress.track_batch():
        process.now += 3
    process.now += 20
    heartbeat = await process.beat()
    assert heartbeat.handled_at
    assert (datetime.now(UTC) - heartbeat.handled_at).total_seconds() == pytest.approx(20, abs=1)


async def test_a_batch_that_fails_is_not_handled(store: FakeStore):
    process = Process(store)
    with pytest.raises(ValueError, match="no"), process.progress.track_batch():
        raise ValueError("no")
    assert (await process.beat()).handled_at is None


class TestRestart:
    async def end_waiting(self, store: FakeStore, what: str = "Kafka") -> None:
        """A process that waited for 240 s, and ended of it."""
        process = Process(store)
        process.obstacle = Obstacle(what, 240, "Kafka does not answer")
        await process.beat()
        process.obstacle = None
        await process.writer.write_last(KafkaUnavailable("Kafka does not answer"))
        assert process.last.state == "failed"
        assert process.last.waits_for == what

    async def test_the_next_process_waits_since_the_first_did(self, store: FakeStore):
        await self.end_waiting(store)
        process = Process(store)
        assert (await process.beat()).waits_for == ""
        process.obstacle = Obstacle("Kafka", 2, "Kafka does not answer")
        await process.beat()
        assert process.seconds_waited() == pytest.approx(240, abs=1)
        process.now += 1_000  # and goes on to, however long it waits itself
        await process.beat()
        assert process.seconds_waited() == pytest.approx(240, abs=1)

    @pytest.mark.parametrize("what", ["the store", "a batch"])
    async def test_another_obstacle_is_new(self, store: FakeStore, what: str):
        await self.end_waiting(store, what)
        process = Process(store)
        process.obstacle = Obstacle("Kafka", 2, "Kafka does not answer")
        await process.beat()
        assert process.seconds_waited() < 10

    async def test_after_a_batch_everything_is_new(self, store: FakeStore):
        await self.end_waiting(store)
        process = Process(store)
        with process.progress.track_batch():
            await process.beat()
        process.obstacle = Obstacle("Kafka", 2, "Kafka does not answer")
        await process.beat()
        assert process.seconds_waited() < 10

    async def test_a_process_that_was_well_for_long_inherits_nothing(self, store: FakeStore):
        await self.end_waiting(store)
        process = Process(store)
        await process.beat()
        process.now += 301
        process.obstacle = Obstacle("Kafka", 2, "Kafka does not answer")
        await process.beat()
        assert process.seconds_waited() < 10

    async def test_what_was_long_ago_is_not_inherited(self, store: FakeStore):
        long_ago = datetime.now(UTC) - timedelta(minutes=10)
        store.heartbeats["ingest-1"] = Heartbeat(
            "ingest-1",
            "ingest",
            "h",
            1,
            "failed",
            long_ago,
            waits_for="Kafka",
            waits_since=long_ago,
        )
        process = Process(store)
        process.obstacle = Obstacle("Kafka", 2, "Kafka does not answer")
        await process.beat()
        assert process.seconds_waited() < 10


@pytest.mark.parametrize(
    ("failure", "state"),
    [
        (None, "stopped"),
        (KafkaUnavailable("gone"), "failed"),
        (ProcessingHalted("too many"), "halted"),
        (DependencyRejected("no right"), "halted"),
    ],
)
async def test_the_last_heartbeat_says_how_the_process_ended(
    store: FakeStore, failure: Exception | None, state: str
):
    process = Process(store)
    await process.writer.write_last(failure)
    assert (process.last.state, process.last.note) == (state, str(failure or ""))
