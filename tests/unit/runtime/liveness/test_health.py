"""When a worker is ready, and when a restart would help it."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from shared.broker.reading.polling.membership import Membership
from shared.broker.reading.progress import Progress
from shared.errors import GroupJoinRejected, KafkaUnavailable, SeedwireError, StoreUnavailable
from shared.metrics.registry import build_registry
from shared.runtime.liveness.health import Obstacle, Signs, find_obstacle, find_stuck_reason
from shared.runtime.liveness.health_pages import build_health_app
from shared.runtime.liveness.watchdog import Watchdog

HEALTHY = Signs(
    has_joined=True, started=900, unassigned=None, batch=None, finished=500, fetched=0.1, stored=1
)


class TestReady:
    def test_a_worker_that_works_or_has_nothing_to_do_is_ready(self):
        assert find_obstacle(HEALTHY) is None
        assert find_obstacle(replace(HEALTHY, batch=2)) is None

    def test_a_worker_without_partitions_is_ready(self):
        assert find_obstacle(replace(HEALTHY, fetched=None)) is None

    @pytest.mark.parametrize(
        ("changes", "what", "seconds"),
        [
            ({"has_joined": False}, "its consumer group", 900),
            ({"unassigned": 3.0}, "its consumer group", 3),
            ({"waiting": Obstacle("the store", 7, "gone")}, "the store", 7),
            ({"kafka_unavailable": 12.0}, "Kafka", 12),
            ({"fetched": 11.0}, "Kafka", 11),
            ({"stored": 14.0}, "the store", 14),
            ({"batch": 70.0}, "a batch", 70),
        ],
    )
    def test_a_worker_that_waits_says_for_what_and_since_when(
        self, changes: dict[str, Any], what: str, seconds: float
    ):
        obstacle = find_obstacle(replace(HEALTHY, **changes))
        assert obstacle
        assert (obstacle.what, obstacle.seconds) == (what, seconds)

    def test_a_batch_that_took_long_is_progress_once_it_is_finished(self):
        assert find_obstacle(replace(HEALTHY, fetched=100, finished=1)) is None


class TestLive:
    def test_waiting_for_a_dependency_is_no_reason_for_a_restart(self):
        obstacle = Obstacle("the store", 200, "gone")
        signs = replace(HEALTHY, waiting=obstacle, batch=200, kafka_unavailable=200, fetched=200)
        assert find_stuck_reason(signs, 300) is None

    def test_a_batch_in_flight_for_too_long_is(self):
        reason = find_stuck_reason(replace(HEALTHY, batch=301), 300)
        assert "a batch has been in flight for 301 s" in str(reason)

    def test_partitions_that_were_revoked_and_never_assigned_are(self):
        assert find_stuck_reason(replace(HEALTHY, unassigned=299), 300) is None
        reason = find_stuck_reason(replace(HEALTHY, unassigned=301), 300)
        assert "without assigned partitions" in str(reason)

    def test_a_group_that_is_never_joined_is(self):
        reason = find_stuck_reason(replace(HEALTHY, has_joined=False), 300)
        assert "not in its consumer group" in str(reason)


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class FakeKafka:
    """Counts the pings, and answers them or not."""

    def __init__(self):
        self.is_available = True
        self.pings = 0

    async def ping(self) -> None:
        self.pings += 1
        if not self.is_available:
            raise KafkaUnavailable("gone")


class SilentConsumer:
    """One partition, fetched long ago or never."""

    def assignment(self) -> Iterable[int]:
        return [0]

    def last_poll_timestamp(self, _: int) -> int | None:
        return None


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def kafka() -> FakeKafka:
    return FakeKafka()


@pytest.fixture
def progress(clock: Clock) -> Progress:
    return Progress(clock)


LIMITS = {"retry_seconds": 240, "batch_limit_seconds": 300, "group_join_seconds": 60}


@pytest.fixture
def watchdog(progress: Progress, kafka: FakeKafka):
    consumers: Any = lambda: [SilentConsumer()]  # noqa: E731
    watchdog = Watchdog(progress, consumers, kafka.ping, **LIMITS)
    Membership(progress).on_partitions_assigned([])
    yield watchdog
    watchdog.stop()


class TestWatchdog:
    async def test_while_records_are_fetched_kafka_is_not_asked(
        self, watchdog: Watchdog, kafka: FakeKafka, clock: Clock
    ):
        clock.now += 9
        await watchdog.check()
        assert kafka.pings == 0

    async def test_an_unavailable_kafka_is_waited_for_until_the_retry_deadline(
        self, watchdog: Watchdog, kafka: FakeKafka, clock: Clock
    ):
        kafka.is_available = False
        clock.now += 11
        await watchdog.check()
        clock.now += 200
        await watchdog.check()
        assert watchdog.read_signs().kafka_unavailable == 200
        clock.now += 41
        with pytest.raises(KafkaUnavailable):
            await watchdog.check()

    async def test_a_consumer_that_fetches_nothing_from_an_answering_kafka_ends_the_process(
        self, watchdog: Watchdog, kafka: FakeKafka, clock: Clock
    ):
        kafka.is_available = False
        clock.now += 100
        await watchdog.check()
        kafka.is_available = True
        await watchdog.check()
        clock.now += 59  # it may still reconnect
        await watchdog.check()
        clock.now += 2
        with pytest.raises(SeedwireError, match="the consumer has fetched nothing for 161 s"):
            await watchdog.check()

    async def test_a_group_that_assigns_no_partitions_again_ends_the_process(
        self, watchdog: Watchdog, progress: Progress, clock: Clock
    ):
        Membership(progress).on_partitions_revoked([])
        clock.now += 11
        await watchdog.check()
        clock.now += 19
        await watchdog.check()
        clock.now += 2
        with pytest.raises(SeedwireError, match="has assigned no partitions for 32 s"):
            await watchdog.check()

    async def test_a_group_that_keeps_rejecting_our_join_ends_the_process(
        self, progress: Progress, kafka: FakeKafka, clock: Clock
    ):
        watchdog = Watchdog(progress, list, kafka.ping, **LIMITS)
        for seconds in (11, 40, 20):
            clock.now += seconds
            await watchdog.check()
        clock.now += 1
        with pytest.raises(GroupJoinRejected, match="has rejected our join for 72 s"):
            await watchdog.check()
        watchdog.stop()

    async def test_a_batch_that_takes_too_long_ends_the_process(
        self, watchdog: Watchdog, progress: Progress, clock: Clock
    ):
        with progress.track_batch():
            clock.now += 301
            with pytest.raises(SeedwireError, match="in flight for 301 s"):
                await watchdog.check()

    def test_revoked_partitions_are_awaited(
        self, watchdog: Watchdog, progress: Progress, clock: Clock
    ):
        Membership(progress).on_partitions_revoked([])
        clock.now += 5
        assert watchdog.read_signs().unassigned == 5
        Membership(progress).on_partitions_assigned([])
        assert watchdog.read_signs().unassigned is None


class TestPages:
    async def fetch(self, signs: Signs, page: str) -> httpx.Response:
        app = build_health_app("ingest", 300, lambda: signs, lambda: 4, build_registry())
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://here"
        ) as client:
            return await client.get(f"/health/{page}")

    async def test_ready_carries_progress_and_lag(self):
        response = await self.fetch(HEALTHY, "ready")
        assert response.status_code == 200
        assert response.json() == {
            "service": "ingest",
            "ready": True,
            "awaited": None,
            "lag": 4,
            "secondsSinceProgress": 0.1,
            "batchSeconds": None,
        }

    async def test_a_waiting_worker_is_503_and_says_for_what_and_since_when(
        self, progress: Progress, watchdog: Watchdog, clock: Clock
    ):
        progress.mark_waiting(StoreUnavailable("the store does not answer"))
        clock.now += 20
        response = await self.fetch(watchdog.read_signs(), "ready")
        assert response.status_code == 503
        awaited = response.json()["awaited"]
        assert (awaited["what"], awaited["note"]) == ("the store", "the store does not answer")
        assert awaited["since"].endswith("+00:00")
        assert (await self.fetch(watchdog.read_signs(), "live")).status_code == 200

    async def test_a_stuck_worker_is_not_live(self):
        response = await self.fetch(replace(HEALTHY, batch=301), "live")
        assert response.status_code == 503
        assert "in flight for 301 s" in response.json()["reason"]
