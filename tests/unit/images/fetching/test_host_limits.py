"""What we allow ourselves towards one host: connections, queue, circuit breaker, pauses."""

import asyncio
from collections.abc import Callable

import pytest

from services.enrichment.images.fetching.circuit_breaker import FIRST_PAUSE_SECONDS, MAX_FAILURES
from services.enrichment.images.fetching.host_limits import HostLimits
from services.enrichment.images.fetching.host_queue import HostNotReady


class FakeClock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def hosts(clock: FakeClock) -> HostLimits:
    return HostLimits(2, clock)


async def wait_until(condition: Callable[[], bool]) -> None:
    """Let the other tasks run until it holds; they wait for nothing but each other."""
    async with asyncio.timeout(10):
        while True:
            if condition():
                return
            await asyncio.sleep(0)


async def visit(hosts: HostLimits, *, succeeded: bool, name: str = "h.example") -> None:
    async with hosts.visit(name) as host:
        host.record(succeeded=succeeded, seconds=0.01)


async def visit_until(
    hosts: HostLimits,
    event: asyncio.Event,
    *,
    seconds: float = 0.01,
    succeeded: bool = True,
    name: str = "h.example",
) -> None:
    """A visit that ends with the event."""
    async with hosts.visit(name) as host:
        await event.wait()
        host.record(succeeded=succeeded, seconds=seconds)


async def open_breaker(hosts: HostLimits) -> None:
    for _ in range(MAX_FAILURES):
        await visit(hosts, succeeded=False)


def count_refused(results: list[object]) -> int:
    return sum(isinstance(result, HostNotReady) for result in results)


class TestCircuitBreaker:
    async def test_a_host_that_fails_several_times_in_a_row_is_left_alone(self, hosts):
        await open_breaker(hosts)
        with pytest.raises(HostNotReady) as caught:
            await visit(hosts, succeeded=True)
        assert caught.value.retry_after == FIRST_PAUSE_SECONDS
        await visit(hosts, succeeded=True, name="other.example")

    async def test_failures_that_are_not_in_a_row_do_not_count(self, hosts):
        for _ in range(3 * MAX_FAILURES):
            await visit(hosts, succeeded=False)
            await visit(hosts, succeeded=True)

    async def test_after_the_pause_one_attempt_is_let_through(self, hosts, clock):
        await open_breaker(hosts)
        clock.now += FIRST_PAUSE_SECONDS
        async with hosts.visit("h.example") as host:
            with pytest.raises(HostNotReady):
                await visit(hosts, succeeded=True)
            host.record(succeeded=True, seconds=0.01)
        await visit(hosts, succeeded=True)

    async def test_a_failed_attempt_after_the_pause_doubles_the_pause(self, hosts, clock):
        await open_breaker(hosts)
        clock.now += FIRST_PAUSE_SECONDS
        await visit(hosts, succeeded=False)
        clock.now += FIRST_PAUSE_SECONDS
        with pytest.raises(HostNotReady):
            await visit(hosts, succeeded=True)
        clock.now += FIRST_PAUSE_SECONDS
        await visit(hosts, succeeded=True)

    async def test_a_cancelled_attempt_leaves_the_host_usable(self, hosts, clock):
        await open_breaker(hosts)
        clock.now += FIRST_PAUSE_SECONDS
        with pytest.raises(asyncio.CancelledError):
            async with hosts.visit("h.example"):
                raise asyncio.CancelledError
        await visit(hosts, succeeded=True)

    async def test_everyone_in_the_queue_leaves_a_host_that_broke_down(self, hosts):
        end = asyncio.Event()
        visits = [asyncio.create_task(visit_until(hosts, end, succeeded=False)) for _ in range(20)]
        await asyncio.sleep(0)
        end.set()
        results = await asyncio.gather(*visits, return_exceptions=True)
        refused = [result for result in results if isinstance(result, HostNotReady)]
        assert len(refused) >= 20 - MAX_FAILURES - 1
        assert all(refusal.is_attempt for refusal in refused)

    async def test_a_refusal_is_known_without_a_visit(self, hosts, clock):
        assert hosts.refusal("h.example") is None
        await open_breaker(hosts)
        refusal = hosts.refusal("h.example")
        assert (refusal.retry_after, refusal.is_attempt) == (FIRST_PAUSE_SECONDS, True)
        assert hosts.refusal("other.example") is None
        clock.now += FIRST_PAUSE_SECONDS
        assert hosts.refusal("h.example") is None


class TestQueue:
    async def test_no_more_visitors_than_connections_are_admitted(self, hosts):
        admitted, most = 0, 0

        async def visit_once() -> None:
            nonlocal admitted, most
            async with hosts.visit("h.example") as host:
                admitted += 1
                most = max(most, admitted)
                await asyncio.sleep(0)
                admitted -= 1
                host.record(succeeded=True, seconds=0.01)

        await asyncio.gather(*(visit_once() for _ in range(20)))
        assert most == 2

    async def test_a_visitor_who_would_wait_long_is_refused_at_once(self, hosts):
        async with hosts.visit("h.example") as host:
            host.record(succeeded=True, seconds=24)
        end = asyncio.Event()
        visits = [asyncio.create_task(visit_until(hosts, end)) for _ in range(20)]
        await wait_until(lambda: sum(task.done() for task in visits) == 13)
        refused = [task.exception() for task in visits if task.done()]
        assert all(isinstance(refusal, HostNotReady) for refusal in refused)
        assert not any(refusal.is_attempt for refusal in refused)
        end.set()
        results = await asyncio.gather(*visits, return_exceptions=True)
        assert results.count(None) == 7  # two with a connection, and a minute of the queue

    async def test_the_queue_is_shortened_once_a_visit_shows_how_long_it_takes(self, hosts):
        first_end, end = asyncio.Event(), asyncio.Event()
        first = asyncio.create_task(visit_until(hosts, first_end, seconds=18))
        others = [asyncio.create_task(visit_until(hosts, end, seconds=18)) for _ in range(20)]
        await asyncio.sleep(0)
        first_end.set()
        await first
        await wait_until(lambda: any(task.done() for task in others))
        end.set()
        results = await asyncio.gather(*others, return_exceptions=True)
        assert count_refused(results) == 13  # six may wait

    async def test_a_visit_that_goes_on_shortens_the_queue_before_it_ends(self, hosts, clock):
        end = asyncio.Event()
        visits = [asyncio.create_task(visit_until(hosts, end)) for _ in range(40)]
        await asyncio.sleep(0)
        assert hosts.refusal("h.example") is None
        clock.now += 3  # 38 wait, and each needs three seconds at least
        assert hosts.refusal("h.example") is None
        clock.now += 0.2
        assert hosts.refusal("h.example").is_attempt is False
        end.set()
        await asyncio.gather(*visits)
        assert hosts.refusal("h.example") is None

    async def test_one_visit_that_hangs_beside_quick_ones_shortens_no_queue(self, hosts, clock):
        async with hosts.visit("h.example") as hanging:
            clock.now += 30
            async with hosts.visit("h.example") as quick:
                waiting = [asyncio.create_task(visit(hosts, succeeded=True)) for _ in range(40)]
                await asyncio.sleep(0)
                assert hosts.refusal("h.example") is None
                quick.record(succeeded=True, seconds=0.01)
            await asyncio.gather(*waiting)
            hanging.record(succeeded=True, seconds=0.01)

    async def test_a_visitor_who_leaves_the_queue_takes_no_connection(self, hosts):
        end = asyncio.Event()
        visits = [asyncio.create_task(visit_until(hosts, end)) for _ in range(5)]
        await asyncio.sleep(0)
        visits[3].cancel()
        end.set()
        results = await asyncio.gather(*visits, return_exceptions=True)
        assert [result is None for result in results] == [True, True, True, False, True]
        await asyncio.gather(*(visit(hosts, succeeded=True) for _ in range(4)))


async def test_a_host_that_asks_us_to_wait_is_not_asked(hosts, clock):
    async with hosts.visit("h.example") as host:
        host.record(succeeded=False, seconds=0.01, retry_after=300)
    clock.now += 299
    with pytest.raises(HostNotReady) as caught:
        await visit(hosts, succeeded=True)
    assert (caught.value.retry_after, caught.value.is_attempt) == (1, False)
    await visit(hosts, succeeded=True, name="other.example")
    clock.now += 1
    await visit(hosts, succeeded=True)
