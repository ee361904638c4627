"""The topics of a new cluster are filled once, in pages, by one worker."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.broker.reading.progress import Progress
from shared.broker.records import Event
from shared.errors import KafkaUnavailable
from shared.runtime.service import Service
from shared.runtime.topic_refill import LEASE, ClusterRefill

WAITS = "another worker fills the topics of the new cluster"


class FakeStore:
    """Knows who holds the claim, and which cluster the service last worked with."""

    def __init__(self) -> None:
        self.workers = self
        self.cluster: str | None = "old"
        self.now = datetime(2026, 3, 2, tzinfo=UTC)
        self.holder, self.until = "", self.now

    async def get_cluster(self, service: str) -> str | None:
        return self.cluster

    async def save_cluster(self, service: str, cluster: str) -> None:
        self.cluster = cluster

    async def claim_refill(
        self, service: str, cluster: str, holder: str, now: datetime, lease: timedelta
    ) -> bool:
        if self.holder not in ("", holder) and self.until > now:
            return False
        self.holder, self.until = holder, now + lease
        return True


class Worker:
    """Writes down what it sends; *pause* is awaited before each page."""

    def __init__(self, store: Any, name: str, pages: int = 3) -> None:
        self.store, self.name, self._pages = store, name, pages
        self.sent: list[int] = []
        self.is_announcing = False
        self.progress = Progress()
        self.pause = asyncio.Event()
        self.pause.set()

    async def _resend(self, _: Any) -> AsyncIterator[list[Event]]:
        for number in range(self._pages):
            yield [Event("t", b"k", b"%d" % number)]

    async def announce(self, events: Sequence[Event]) -> None:
        self.is_announcing = True
        await self.pause.wait()
        self.sent += [int(event.value or b"") for event in events]

    async def run(self, cluster: str = "new") -> None:
        service = Service("publishing", "t", None, on_new_cluster=self._resend)  # type: ignore[arg-type]
        refill = ClusterRefill(
            service, self.store, self.progress, cluster, self.name, lambda: self.store.now
        )
        async with asyncio.timeout(60):
            await refill.run(self.announce, interval_seconds=0.01)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


async def test_every_page_is_sent_and_the_cluster_known_from_then_on(store: FakeStore):
    worker = Worker(store, "a")
    await worker.run()
    assert (worker.sent, store.cluster) == ([0, 1, 2], "new")
    await worker.run()
    assert worker.sent == [0, 1, 2]
    assert worker.progress.trouble == ""


async def test_of_several_workers_one_sends_and_the_others_wait_for_it(store: FakeStore):
    workers = [Worker(store, name) for name in "abc"]
    workers[0].pause.clear()
    running = [asyncio.create_task(worker.run()) for worker in workers]
    await until(lambda: all(worker.progress.trouble == WAITS for worker in workers[1:]))
    assert not any(task.done() for task in running)
    workers[0].pause.set()
    await asyncio.gather(*running)
    assert [worker.sent for worker in workers] == [[0, 1, 2], [], []]


async def test_when_the_worker_dies_another_one_begins_again(store: FakeStore):
    first, second = Worker(store, "a"), Worker(store, "b")

    async def die(_: Sequence[Event]) -> None:
        raise KafkaUnavailable("gone")

    first.announce = die  # type: ignore[method-assign]
    with pytest.raises(KafkaUnavailable):
        await first.run()
    waiting = asyncio.create_task(second.run())
    await until(lambda: second.progress.trouble == WAITS)
    assert not waiting.done()
    store.now += LEASE
    await waiting
    assert (second.sent, store.cluster) == ([0, 1, 2], "new")


async def test_a_worker_that_was_overtaken_stops_and_waits(store: FakeStore):
    slow, quick = Worker(store, "slow"), Worker(store, "quick")
    slow.pause.clear()
    running = asyncio.create_task(slow.run())
    await until(lambda: store.holder == "slow" and slow.is_announcing)
    store.now += LEASE
    await quick.run()
    slow.pause.set()
    await running
    assert (slow.sent, quick.sent) == ([0], [0, 1, 2])


async def test_a_service_that_has_nothing_to_send_waits_for_nobody(store: FakeStore):
    service = Service("images", "t", None)  # type: ignore[arg-type]
    refill: Any = ClusterRefill(service, store, Progress(), "new", "a")  # type: ignore[arg-type]
    await refill.run(None)
    assert store.cluster == "old"
