"""The memory budget for bodies."""

import asyncio

from shared.concurrency.memory_budget import MemoryBudget


async def are_done(*tasks: "asyncio.Task[object]") -> list[bool]:
    """Whether each is done, once none of them can go on."""
    for _ in range(10):
        await asyncio.sleep(0)
    return [task.done() for task in tasks]


async def test_a_caller_waits_until_there_is_memory():
    budget = MemoryBudget(10)
    first = await budget.reserve(7)
    second = asyncio.create_task(budget.reserve(5))
    assert await are_done(second) == [False]
    first.shrink(5)
    await second


async def test_small_bodies_do_not_overtake_a_large_one():
    budget = MemoryBudget(10)
    held = await budget.reserve(7)
    large = asyncio.create_task(budget.reserve(9))
    small = asyncio.create_task(budget.reserve(1))
    assert await are_done(large, small) == [False, False]
    held.release()
    await large
    await small


async def test_a_caller_that_gives_up_loses_its_turn_and_reserves_nothing():
    budget = MemoryBudget(10)
    held = await budget.reserve(7)
    large = asyncio.create_task(budget.reserve(9))
    small = asyncio.create_task(budget.reserve(3))
    await are_done(large, small)
    large.cancel()
    await small
    held.release()
    assert large.cancelled()
    await budget.reserve(7)


async def test_a_reservation_that_is_released_twice_is_given_back_once():
    budget = MemoryBudget(10)
    held = await budget.reserve(10)
    held.release()
    held.release()
    await budget.reserve(10)
    another = asyncio.create_task(budget.reserve(1))
    assert await are_done(another) == [False]
    another.cancel()


async def test_a_body_larger_than_the_budget_gets_all_of_it():
    budget = MemoryBudget(10)
    huge = await budget.reserve(11)
    another = asyncio.create_task(budget.reserve(1))
    assert await are_done(another) == [False]
    huge.release()
    await another
