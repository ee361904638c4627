"""What a worker waits for: known for each piece of work, and not ended by another's success."""

import asyncio
from typing import Any

import pytest

from shared.broker.reading.progress import KAFKA, STORE, Progress
from shared.broker.reading.retry import Retry
from shared.errors import KafkaUnavailable, StoreUnavailable


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def progress(clock: Clock) -> Progress:
    return Progress(clock)


def test_the_longest_wait_is_the_one_that_counts(progress: Progress, clock: Clock):
    progress.mark_waiting(StoreUnavailable("locked"), "batch 1")
    clock.now += 5
    progress.mark_waiting(KafkaUnavailable("gone"), "batch 2")
    assert progress.waiting
    assert (progress.waiting.dependency, progress.waiting.since) == (STORE, 100)
    progress.end_wait("batch 1")
    assert progress.waiting
    assert (progress.waiting.dependency, progress.waiting.since) == (KAFKA, 105)
    progress.end_wait("batch 2")
    assert progress.waiting is None


def test_a_wait_keeps_its_beginning_and_has_the_latest_note(progress: Progress, clock: Clock):
    assert progress.mark_waiting(StoreUnavailable("locked"), "batch")
    clock.now += 5
    assert not progress.mark_waiting(StoreUnavailable("disk full"), "batch")
    assert progress.waiting
    assert (progress.waiting.since, progress.waiting.note) == (100, "disk full")


async def test_a_batch_that_succeeds_does_not_hide_that_another_waits(progress: Progress):
    """With images several batches are in flight: readiness would flap."""
    retry = Retry(60, progress)
    is_back = asyncio.Event()

    async def fail() -> None:
        if not is_back.is_set():
            raise StoreUnavailable("gone")

    async def succeed() -> str:
        return "done"

    waiting = asyncio.create_task(retry.run(fail))
    await asyncio.sleep(0)
    for _ in range(5):
        assert await retry.run(succeed) == "done"
        assert progress.state == "waiting"
    is_back.set()
    await waiting
    assert progress.waiting is None


@pytest.mark.parametrize("error", [StoreUnavailable("gone"), ValueError("poison")])
async def test_work_that_is_given_up_waits_no_longer(progress: Progress, error: Exception):
    attempts: list[Any] = [StoreUnavailable("gone"), error]

    async def fail() -> None:
        raise attempts.pop(0)

    with pytest.raises(type(error)):
        await Retry(-1 if isinstance(error, StoreUnavailable) else 60, progress).run(fail)
    assert progress.waiting is None


def test_the_oldest_batch_in_flight_has_a_name(progress: Progress, clock: Clock):
    with progress.track_batch("the record seeds/0/7"):
        clock.now += 3
        with progress.track_batch("the record seeds/1/1"):
            assert progress.oldest_batch
            assert (progress.oldest_batch.name, progress.oldest_batch.since) == (
                "the record seeds/0/7",
                100,
            )
        assert progress.handled == 103
    assert progress.oldest_batch is None
