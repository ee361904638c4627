"""A form that is sent twice is carried out once."""

import asyncio

import pytest

from services.console.actions.overtaken import Overtaken
from services.console.web.forms.write_once import MAX_KEYS, Outcome, WriteOnce
from shared.errors import StoreUnavailable


class Act:
    """Counts how often it is carried out."""

    def __init__(self) -> None:
        self.times = 0
        self.may_end = asyncio.Event()
        self.fails = False

    async def __call__(self) -> Outcome:
        self.times += 1
        await self.may_end.wait()
        if self.fails:
            raise StoreUnavailable("away")
        return Outcome("/", f"done {self.times}")


async def test_two_that_come_at_once_get_one_outcome():
    writes, act = WriteOnce(), Act()
    both = asyncio.gather(writes.run("key", "content", act), writes.run("key", "content", act))
    act.may_end.set()
    first, second = await both
    assert first == second == Outcome("/", "done 1")
    assert await writes.run("key", "content", act) == first
    assert act.times == 1


async def test_another_content_under_the_same_key_is_refused():
    writes, act = WriteOnce(), Act()
    act.may_end.set()
    await writes.run("key", "content", act)
    with pytest.raises(Overtaken):
        await writes.run("key", "other", act)


async def test_a_reader_who_leaves_does_not_stop_the_act():
    writes, act = WriteOnce(), Act()
    reader = asyncio.create_task(writes.run("key", "content", act))
    while not act.times:  # noqa: ASYNC110
        await asyncio.sleep(0)
    reader.cancel()
    await asyncio.gather(reader, return_exceptions=True)
    act.may_end.set()
    assert (await writes.run("key", "content", act)).notice == "done 1"


async def test_what_failed_may_be_tried_again():
    writes, act = WriteOnce(), Act()
    act.may_end.set()
    act.fails = True
    with pytest.raises(StoreUnavailable):
        await writes.run("key", "content", act)
    act.fails = False
    assert (await writes.run("key", "content", act)).notice == "done 2"


async def test_the_notice_is_found_by_the_key():
    writes, act = WriteOnce(), Act()
    act.may_end.set()
    await writes.run("key", "content", act)
    assert writes.find_notice("key") == "done 1"
    assert writes.find_notice("another") == ""


async def test_the_oldest_keys_are_forgotten():
    writes, act = WriteOnce(), Act()
    act.may_end.set()
    for number in range(MAX_KEYS + 1):
        await writes.run(f"key {number}", "content", act)
    assert writes.find_notice("key 0") == ""
    assert writes.find_notice("key 1") != ""
