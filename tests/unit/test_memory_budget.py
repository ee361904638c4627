"""Room for bodies in memory."""

import asyncio

from shared.memory_budget import Room


async def settled(*tasks):
    """Those of *tasks* that are through once nobody can go on."""
    for _ in range(10):
        await asyncio.sleep(0)
    return [task.done() for task in tasks]


async def test_who_finds_no_room_waits_until_there_is_some():
    room = Room(10)
    first = await room.take(7)
    second = asyncio.create_task(room.take(5))
    assert await settled(second) == [False]
    first.shrink(5)
    await second


async def test_a_large_body_is_not_passed_by_small_ones():
    room = Room(10)
    held = await room.take(7)
    large, small = asyncio.create_task(room.take(9)), asyncio.create_task(room.take(1))
    assert await settled(large, small) == [False, False]
    held.leave()
    await large
    await small


async def test_who_gives_up_leaves_his_turn_and_his_room():
    room = Room(10)
    held = await room.take(7)
    large, small = asyncio.create_task(room.take(9)), asyncio.create_task(room.take(3))
    await settled(large, small)
    large.cancel()
    await small
    held.leave()
    assert large.cancelled()
    await room.take(7)


async def test_what_is_left_twice_is_given_back_once():
    room = Room(10)
    held = await room.take(10)
    held.leave()
    held.leave()
    await room.take(10)
    another = asyncio.create_task(room.take(1))
    assert await settled(another) == [False]
    another.cancel()


async def test_what_is_larger_than_the_room_has_all_of_it():
    room = Room(10)
    huge = await room.take(11)
    another = asyncio.create_task(room.take(1))
    assert await settled(another) == [False]
    huge.leave()
    await another
