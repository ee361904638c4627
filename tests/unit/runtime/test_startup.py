"""A process that starts without Kafka or the store."""

import asyncio
import os
import signal

import pytest

from shared.broker.reading.progress import Progress
from shared.errors import KafkaUnavailable, SettingsError
from shared.runtime.startup import StoppedAtStart, wait_for_dependency


class Dependency:
    """Fails *failures* times, then gives its answer."""

    def __init__(self, failures: int, error: Exception | None = None) -> None:
        self.failures = failures
        self.error = error or KafkaUnavailable("Kafka does not answer")
        self.was_asked = asyncio.Event()

    async def ask(self) -> str:
        self.was_asked.set()
        if self.failures > 0:
            self.failures -= 1
            raise self.error
        return "an answer"


async def test_it_waits_until_the_dependency_answers() -> None:
    progress = Progress()
    assert await wait_for_dependency(Dependency(1).ask, progress, 60) == "an answer"
    assert progress.waiting is None


async def test_while_it_waits_it_says_for_what() -> None:
    progress, dependency = Progress(), Dependency(1000)
    start = asyncio.create_task(wait_for_dependency(dependency.ask, progress, 60))
    await dependency.was_asked.wait()
    await asyncio.sleep(0)
    assert progress.waiting is not None
    assert (progress.waiting.dependency, progress.state) == ("Kafka", "waiting")
    start.cancel()
    with pytest.raises(asyncio.CancelledError):
        await start


async def test_after_the_retry_deadline_it_gives_up() -> None:
    with pytest.raises(KafkaUnavailable):
        await wait_for_dependency(Dependency(1000).ask, Progress(), -1)


async def test_another_error_ends_it_at_once() -> None:
    with pytest.raises(SettingsError):
        await wait_for_dependency(Dependency(1, SettingsError("wrong")).ask, Progress(), 60)


async def test_a_signal_to_stop_ends_the_wait() -> None:
    dependency = Dependency(1000)
    start = asyncio.create_task(wait_for_dependency(dependency.ask, Progress(), 60))
    await dependency.was_asked.wait()
    os.kill(os.getpid(), signal.SIGTERM)
    with pytest.raises(StoppedAtStart):
        await start


async def test_afterwards_a_signal_does_what_it_did_before() -> None:
    before = signal.getsignal(signal.SIGTERM)
    await wait_for_dependency(Dependency(0).ask, Progress(), 60)
    assert signal.getsignal(signal.SIGTERM) == before
