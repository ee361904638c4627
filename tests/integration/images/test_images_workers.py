"""Two real workers and one host: it never sees more of us than one worker would show it, whoever dies."""

import asyncio
import signal
from collections import Counter
from contextlib import asynccontextmanager

import pytest

from shared.store import connect
from tests.bench.images.workers import announce, articles, ready, save_all, ticks
from tests.conftest import Processes
from tests.integration.images.hostile.server import Server, answered, server
from tests.picture_host import picture

PICTURES = 60
NAMES = (
    "images-1",
    "images-2",
)  # as `seedwire up` has it: a nameless one may never get into its group again
JPEG = picture(64, 48)


class Counting:
    """A host that counts how many ask at once, and how often for what."""

    def __init__(self, host: Server) -> None:
        self.now, self.most = 0, 0
        self.asked: Counter[str] = Counter()
        self.urls = [host.url(f"/{number}.jpg") for number in range(PICTURES)]
        for number in range(PICTURES):
            host.answers[f"/{number}.jpg"] = self.answer(f"/{number}.jpg")

    def answer(self, path: str):
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.asked[path] += 1
            self.now += 1
            self.most = max(self.most, self.now)
            try:
                await asyncio.sleep(0.05)
                writer.write(answered(200, JPEG))
                await writer.drain()
            finally:
                self.now -= 1

        return answer


@asynccontextmanager
async def at_work(processes: Processes):
    """A counting host; two workers in their groups; every picture of the host announced twice, by two articles."""
    processes.environment["SEEDWIRE_IMAGES_FIRST_SECONDS"] = (
        "30"  # a busy machine parks nothing here
    )
    started = [processes.start("services.enrichment.images", name) for name in NAMES]
    store = connect(processes.settings.store_url)
    await store.open()
    try:
        async with server("127.1.0.1") as host:
            counting = Counting(host)
            announced = [*articles(counting.urls, "one"), *articles(counting.urls, "other")]
            await ready(store, 2)
            await save_all(announced, store)
            await announce(announced, processes.settings)
            yield counting, store, started
    finally:
        await store.close()


async def through(store) -> None:
    """All are kept: what a host that was found too busy put off comes in its time."""
    async for _ in ticks():
        if (await store.pictures.counts())["cached"] == PICTURES and (
            await store.articles.counts()
        )["images"] == 0:
            break


@pytest.mark.parametrize("kafka", ["embedded"], indirect=True)
async def test_a_host_sees_two_connections_and_one_request_for_each_url(processes: Processes):
    async with at_work(processes) as (host, store, _):
        await through(store)
    assert host.most <= 2
    assert set(host.asked.values()) == {1}


@pytest.mark.slow
@pytest.mark.parametrize("kafka", ["embedded"], indirect=True)
async def test_a_worker_that_is_killed_loses_nothing_and_the_host_is_spared(processes: Processes):
    async with at_work(processes) as (host, store, workers):
        async for _ in ticks():
            if host.asked:
                break
        workers[0].send_signal(
            signal.SIGKILL
        )  # one: of two that die at once the embedded broker's group may lock
        workers[0].wait()
        processes.start("services.enrichment.images", NAMES[0])
        await through(store)
    assert host.most <= 4  # what the dead ones had asked for is still being answered
    assert max(host.asked.values()) <= 3
