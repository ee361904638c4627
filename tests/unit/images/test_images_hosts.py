"""What we allow ourselves towards one host."""

import asyncio

import pytest

from services.enrichment.images.hosts import FAILURES, FIRST_PAUSE, Hosts, LeftAlone


class Seconds:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Seconds()


@pytest.fixture
def hosts(clock):
    return Hosts(2, clock)


async def visit(hosts, well, name="one"):
    async with hosts.slot(name) as attempt:
        attempt.went(well)


async def break_down(hosts):
    for _ in range(FAILURES):
        await visit(hosts, well=False)


async def test_a_host_that_fails_again_and_again_is_left_alone(hosts):
    await break_down(hosts)
    with pytest.raises(LeftAlone) as caught:
        await visit(hosts, well=True)
    assert caught.value.after == FIRST_PAUSE
    await visit(hosts, well=True, name="other")


async def test_failures_that_are_not_in_a_row_break_nothing(hosts):
    for _ in range(3 * FAILURES):
        await visit(hosts, well=False)
        await visit(hosts, well=True)


async def test_after_the_pause_one_attempt_is_let_through(hosts, clock):
    await break_down(hosts)
    clock.now += FIRST_PAUSE
    async with hosts.slot("one") as attempt:
        with pytest.raises(LeftAlone):
            await visit(hosts, well=True)
        attempt.went(True)
    await visit(hosts, well=True)


async def test_an_attempt_that_fails_again_doubles_the_pause(hosts, clock):
    await break_down(hosts)
    clock.now += FIRST_PAUSE
    await visit(hosts, well=False)
    clock.now += FIRST_PAUSE
    with pytest.raises(LeftAlone):
        await visit(hosts, well=True)
    clock.now += FIRST_PAUSE
    await visit(hosts, well=True)


async def test_no_more_connections_than_allowed_at_a_time(hosts):
    inside, most = 0, 0

    async def work():
        nonlocal inside, most
        async with hosts.slot("one") as attempt:
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1
            attempt.went(True)

    await asyncio.gather(*(work() for _ in range(20)))
    assert most == 2


async def test_an_attempt_that_was_cancelled_leaves_the_host_usable(hosts, clock):
    await break_down(hosts)
    clock.now += FIRST_PAUSE
    with pytest.raises(asyncio.CancelledError):
        async with hosts.slot("one"):
            raise asyncio.CancelledError
    await visit(hosts, well=True)
