"""What we allow ourselves towards one host."""

import asyncio

import pytest

from services.enrichment.images.fetching.host_limits import FAILURES, FIRST_PAUSE, Hosts
from services.enrichment.images.fetching.host_queue import LeftAlone


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


async def until(fact):
    """Let the others go on until it is so; they wait for nothing but each other."""
    async with asyncio.timeout(10):
        for _ in iter(fact, True):
            await asyncio.sleep(0)


async def visit(hosts, well, name="one"):
    async with hosts.slot(name) as attempt:
        attempt.went(well, 0.01)


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
        attempt.went(True, 0.01)
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
            attempt.went(True, 0.01)

    await asyncio.gather(*(work() for _ in range(20)))
    assert most == 2


async def test_an_attempt_that_was_cancelled_leaves_the_host_usable(hosts, clock):
    await break_down(hosts)
    clock.now += FIRST_PAUSE
    with pytest.raises(asyncio.CancelledError):
        async with hosts.slot("one"):
            raise asyncio.CancelledError
    await visit(hosts, well=True)


async def test_who_would_wait_long_is_sent_away_at_once(hosts, clock):
    async with hosts.slot("slow") as attempt:
        attempt.went(True, 24)
    leave = asyncio.Event()

    async def work():
        async with hosts.slot("slow"):
            await leave.wait()

    tasks = [asyncio.create_task(work()) for _ in range(20)]
    await until(lambda: sum(task.done() for task in tasks) == 13)
    refused = [task.exception() for task in tasks if task.done()]
    assert {(type(error), error.counts) for error in refused} == {(LeftAlone, False)}
    leave.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert (
        sum(task.exception() is None for task in tasks) == 7
    )  # two inside, and a minute of a line


async def test_the_line_is_shortened_once_a_visit_shows_how_long_it_takes(hosts, clock):
    first, others = asyncio.Event(), asyncio.Event()

    async def work(leave):
        async with hosts.slot("slow") as attempt:
            await leave.wait()
            attempt.went(True, 18)

    tasks = [
        asyncio.create_task(work(first)),
        *(asyncio.create_task(work(others)) for _ in range(20)),
    ]
    await asyncio.sleep(0)
    first.set()
    await tasks[0]
    await until(lambda: any(task.done() for task in tasks[1:]))
    others.set()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert sum(isinstance(answer, LeftAlone) for answer in answers) == 13  # six may wait


async def test_all_in_the_line_leave_a_host_that_broke_down(hosts):
    leave = asyncio.Event()

    async def work():
        async with hosts.slot("one") as attempt:
            await leave.wait()
            attempt.went(False, 0.01)

    tasks = [asyncio.create_task(work()) for _ in range(20)]
    await asyncio.sleep(0)
    leave.set()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    left_alone = [answer for answer in answers if isinstance(answer, LeftAlone)]
    assert len(left_alone) >= 20 - FAILURES - 1
    assert all(error.counts for error in left_alone)


async def test_who_leaves_the_line_takes_no_place(hosts):
    leave = asyncio.Event()

    async def work():
        async with hosts.slot("one") as attempt:
            await leave.wait()
            attempt.went(True, 0.01)

    tasks = [asyncio.create_task(work()) for _ in range(5)]
    await asyncio.sleep(0)
    tasks[3].cancel()
    leave.set()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert [answer is None for answer in answers] == [True, True, True, False, True]
    await asyncio.gather(*(visit(hosts, well=True) for _ in range(4)))


async def test_a_host_that_asks_us_to_wait_is_asked_for_nothing(hosts, clock):
    async with hosts.slot("one") as attempt:
        attempt.went(False, 0.01, rest=300)
    clock.now += 299
    with pytest.raises(LeftAlone) as caught:
        await visit(hosts, well=True)
    assert (caught.value.after, caught.value.counts) == (1, False)
    await visit(hosts, well=True, name="other")
    clock.now += 1
    await visit(hosts, well=True)


async def test_what_a_slot_would_say_is_known_without_asking(hosts, clock):
    assert hosts.refusal("one") is None
    await break_down(hosts)
    refusal = hosts.refusal("one")
    assert (refusal.after, refusal.counts) == (FIRST_PAUSE, True)
    assert hosts.refusal("other") is None
    clock.now += FIRST_PAUSE
    assert hosts.refusal("one") is None


async def test_a_visit_that_goes_on_shortens_the_line_before_it_has_ended(hosts, clock):
    leave = asyncio.Event()

    async def work():
        async with hosts.slot("silent") as attempt:
            await leave.wait()
            attempt.went(True, 0.01)

    tasks = [asyncio.create_task(work()) for _ in range(40)]
    await asyncio.sleep(0)
    assert hosts.refusal("silent") is None
    clock.now += 3  # 38 wait, and each needs three seconds at least
    assert hosts.refusal("silent") is None
    clock.now += 0.2
    assert hosts.refusal("silent").counts is False
    leave.set()
    await asyncio.gather(*tasks)
    assert hosts.refusal("silent") is None


async def test_one_visit_that_hangs_beside_others_that_do_not_shortens_no_line(hosts, clock):
    async with hosts.slot("uneven") as hanging:
        clock.now += 30
        async with hosts.slot("uneven") as attempt:
            waiting = [
                asyncio.create_task(visit(hosts, well=True, name="uneven")) for _ in range(40)
            ]
            await asyncio.sleep(0)
            assert hosts.refusal("uneven") is None
            attempt.went(True, 0.01)
        await asyncio.gather(*waiting)
        hanging.went(True, 0.01)
