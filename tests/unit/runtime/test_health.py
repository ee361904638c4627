"""When a worker is ready, and when a restart would help it."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from shared.broker.membership import Membership
from shared.broker.progress import Progress
from shared.errors import BrokerAway, SeedwireError, ShutOut, StoreAway
from shared.runtime.health import Awaited, Signs, awaited, stuck
from shared.runtime.health_pages import pages
from shared.runtime.watchdog import Pulse

WELL = Signs(
    joined=True, started=900, unassigned=None, batch=None, finished=500, fetched=0.1, stored=1
)


class TestReady:
    def test_one_that_works_or_has_nothing_to_do_is_ready(self):
        assert awaited(WELL) is None
        assert awaited(replace(WELL, batch=2)) is None

    def test_one_that_has_no_partition_is_ready(self):
        assert awaited(replace(WELL, fetched=None)) is None

    @pytest.mark.parametrize(
        ("changes", "what", "seconds"),
        [
            ({"joined": False}, "its consumer group", 900),
            ({"unassigned": 3.0}, "its consumer group", 3),
            ({"waiting": Awaited("the store", 7, "gone")}, "the store", 7),
            ({"kafka_away": 12.0}, "Kafka", 12),
            ({"fetched": 11.0}, "Kafka", 11),
            ({"stored": 14.0}, "the store", 14),
            ({"batch": 70.0}, "a batch", 70),
        ],
    )
    def test_one_that_waits_says_for_what_and_since_when(
        self, changes: dict[str, Any], what: str, seconds: float
    ):
        waits = awaited(replace(WELL, **changes))
        assert waits
        assert (waits.what, waits.seconds) == (what, seconds)

    def test_a_batch_that_was_long_in_hand_is_progress_once_it_is_finished(self):
        assert awaited(replace(WELL, fetched=100, finished=1)) is None


class TestLive:
    def test_waiting_for_an_engine_is_no_reason_for_a_restart(self):
        away = Awaited("the store", 200, "gone")
        assert (
            stuck(replace(WELL, waiting=away, batch=200, kafka_away=200, fetched=200), 300) is None
        )

    def test_a_batch_in_hand_for_too_long_is(self):
        assert "a batch has been in hand for 301 s" in str(stuck(replace(WELL, batch=301), 300))

    def test_partitions_that_were_taken_and_never_given_are(self):
        assert stuck(replace(WELL, unassigned=299), 300) is None
        assert "without its share" in str(stuck(replace(WELL, unassigned=301), 300))

    def test_a_group_that_is_never_joined_is(self):
        assert "not in its consumer group" in str(stuck(replace(WELL, joined=False), 300))


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Kafka:
    """Counts who asks, and answers or not."""

    def __init__(self):
        self.there = True
        self.asked = 0

    async def ping(self) -> None:
        self.asked += 1
        if not self.there:
            raise BrokerAway("gone")


class Consumer:
    """One partition, fetched long ago or never."""

    def assignment(self) -> Iterable[int]:
        return [0]

    def last_poll_timestamp(self, _: int) -> int | None:
        return None


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def kafka() -> Kafka:
    return Kafka()


@pytest.fixture
def progress(clock: Clock) -> Progress:
    return Progress(clock)


@pytest.fixture
def pulse(progress: Progress, kafka: Kafka):
    made = Pulse(progress, lambda: [Consumer()], kafka.ping, patience=240, limit=300, way_in=60)  # type: ignore[list-item]
    Membership(progress).on_partitions_assigned([])
    yield made
    made.rest()


class TestPulse:
    async def test_while_something_comes_kafka_is_not_asked(
        self, pulse: Pulse, kafka: Kafka, clock: Clock
    ):
        clock.now += 9
        await pulse.look()
        assert kafka.asked == 0

    async def test_silence_of_a_kafka_that_is_away_is_waited_for_until_patience_ends(
        self, pulse: Pulse, kafka: Kafka, clock: Clock
    ):
        kafka.there = False
        clock.now += 11
        await pulse.look()
        clock.now += 200
        await pulse.look()
        assert pulse.signs().kafka_away == 200
        clock.now += 41
        with pytest.raises(BrokerAway):
            await pulse.look()

    async def test_a_consumer_that_is_deaf_to_a_kafka_that_answers_ends_the_process(
        self, pulse: Pulse, kafka: Kafka, clock: Clock
    ):
        kafka.there = False
        clock.now += 100
        await pulse.look()
        kafka.there = True
        await pulse.look()
        clock.now += 59  # it may still find back
        await pulse.look()
        clock.now += 2
        with pytest.raises(SeedwireError, match="the consumer has fetched nothing for 161 s"):
            await pulse.look()

    async def test_a_group_that_gives_us_no_share_again_ends_the_process(
        self, pulse: Pulse, progress: Progress, clock: Clock
    ):
        Membership(progress).on_partitions_revoked([])
        clock.now += 11
        await pulse.look()
        clock.now += 19
        await pulse.look()
        clock.now += 2
        with pytest.raises(SeedwireError, match="no partitions were given to us for 32 s"):
            await pulse.look()

    async def test_a_group_that_never_lets_us_in_ends_the_process(
        self, progress: Progress, kafka: Kafka, clock: Clock
    ):
        shut_out = Pulse(progress, list, kafka.ping, patience=240, limit=300, way_in=60)
        for seconds in (11, 40, 20):
            clock.now += seconds
            await shut_out.look()
        clock.now += 1
        with pytest.raises(ShutOut, match="has not let us in for 72 s"):
            await shut_out.look()
        shut_out.rest()

    async def test_a_batch_that_takes_too_long_ends_the_process(
        self, pulse: Pulse, progress: Progress, clock: Clock
    ):
        with progress.batch():
            clock.now += 301
            with pytest.raises(SeedwireError, match="in hand for 301 s"):
                await pulse.look()

    def test_partitions_that_are_taken_away_are_awaited(
        self, pulse: Pulse, progress: Progress, clock: Clock
    ):
        Membership(progress).on_partitions_revoked([])
        clock.now += 5
        assert pulse.signs().unassigned == 5
        Membership(progress).on_partitions_assigned([])
        assert pulse.signs().unassigned is None


class TestPages:
    async def ask(self, signs: Signs, page: str) -> httpx.Response:
        app = pages("ingest", 300, lambda: signs, lambda: 4)
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://here"
        ) as client:
            return await client.get(f"/health/{page}")

    async def test_ready_carries_progress_and_lag(self):
        answer = await self.ask(WELL, "ready")
        assert answer.status_code == 200
        assert answer.json() == {
            "service": "ingest",
            "ready": True,
            "awaited": None,
            "lag": 4,
            "secondsSinceProgress": 0.1,
            "batchSeconds": None,
        }

    async def test_waiting_is_503_with_what_is_awaited_and_since_when(
        self, progress: Progress, pulse: Pulse, clock: Clock
    ):
        progress.wait_for(StoreAway("the store does not answer"))
        clock.now += 20
        answer = await self.ask(pulse.signs(), "ready")
        assert answer.status_code == 503
        waits = answer.json()["awaited"]
        assert (waits["what"], waits["note"]) == ("the store", "the store does not answer")
        assert waits["since"].endswith("+00:00")
        assert (await self.ask(pulse.signs(), "live")).status_code == 200

    async def test_what_is_stuck_is_not_live(self):
        answer = await self.ask(replace(WELL, batch=301), "live")
        assert answer.status_code == 503
        assert "in hand for 301 s" in answer.json()["reason"]
