"""Work that runs beside a block ends with it."""

import asyncio

import pytest

from shared.concurrency.background import cancel_all, run_beside


async def work_until_cancelled(ended: list[str], name: str) -> None:
    try:
        await asyncio.Event().wait()
    finally:
        await asyncio.sleep(0)  # it takes a while to end
        ended.append(name)


async def test_all_tasks_have_ended_when_they_are_cancelled():
    ended: list[str] = []
    tasks = [asyncio.create_task(work_until_cancelled(ended, name)) for name in ("a", "b")]
    await asyncio.sleep(0)
    await cancel_all(tasks)
    assert sorted(ended) == ["a", "b"]
    assert all(task.cancelled() for task in tasks)


async def test_work_beside_a_block_ends_with_the_block_even_if_that_fails():
    ended: list[str] = []

    async def run_and_fail() -> None:
        async with run_beside(work_until_cancelled(ended, "a")):
            await asyncio.sleep(0)
            raise ValueError("the block")

    with pytest.raises(ValueError, match="the block"):
        await run_and_fail()
    assert ended == ["a"]


async def test_work_that_fails_does_not_end_the_block():
    async def fail() -> None:
        raise OSError("gone")

    has_ended = False
    async with run_beside(fail()):
        await asyncio.sleep(0)
        has_ended = True
    assert has_ended
