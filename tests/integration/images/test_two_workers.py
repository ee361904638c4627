"""Two real workers and one host: it sees no more of them than of one worker, whichever dies."""

import asyncio
import signal
import subprocess
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from shared.store import Store, connect
from tests.bench.images.worker_processes import (
    announce,
    build_articles,
    save_articles,
    ticks,
    wait_until_working,
)
from tests.conftest import Processes
from tests.integration.images.hostile.server import Script, Server, response, run_server
from tests.picture_host import make_jpeg

PICTURES = 60
# As `seedwire up` names them. A nameless worker may never get into its consumer group again.
NAMES = ("images-1", "images-2")
JPEG = make_jpeg(64, 48)


class CountingHost:
    """Counts the requests for each path, and how many of them there are at once."""

    def __init__(self, server: Server) -> None:
        self.concurrent, self.most_concurrent = 0, 0
        self.requests: Counter[str] = Counter()
        self.urls: list[str] = []
        for number in range(PICTURES):
            path = f"/{number}.jpg"
            server.responses[path] = self._respond(path)
            self.urls.append(server.url(path))

    def _respond(self, path: str) -> Script:
        async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.requests[path] += 1
            self.concurrent += 1
            self.most_concurrent = max(self.most_concurrent, self.concurrent)
            try:
                await asyncio.sleep(0.05)
                writer.write(response(200, JPEG))
                await writer.drain()
            finally:
                self.concurrent -= 1

        return respond


@dataclass
class Scene:
    host: CountingHost
    store: Store
    workers: "list[subprocess.Popen[bytes]]"


@asynccontextmanager
async def two_workers_at_work(processes: Processes) -> AsyncIterator[Scene]:
    """Every picture of the host is announced twice, by two articles."""
    # So that a busy machine parks nothing.
    processes.environment["SEEDWIRE_IMAGES_FIRST_SECONDS"] = "30"
    workers = [processes.start("services.enrichment.images", name) for name in NAMES]
    store = connect(processes.settings.store_url)
    await store.open()
    try:
        async with run_server("127.1.0.1") as server:
            host = CountingHost(server)
            first, second = build_articles(host.urls, "one"), build_articles(host.urls, "other")
            await wait_until_working(store, 2)
            await save_articles([*first, *second], store)
            await announce([*first, *second], processes.settings)
            yield Scene(host, store, workers)
    finally:
        await store.close()


async def wait_until_complete(store: Store) -> None:
    """All pictures are stored, also those that were parked because of the host's queue."""
    async for _ in ticks():
        stored = (await store.pictures.counts())["cached"]
        waiting = (await store.articles.counts())["images"]
        if stored == PICTURES and waiting == 0:
            break


@pytest.mark.parametrize("kafka", ["embedded"], indirect=True)
async def test_a_host_sees_two_connections_and_one_request_for_each_url(processes: Processes):
    async with two_workers_at_work(processes) as scene:
        await wait_until_complete(scene.store)
    assert scene.host.most_concurrent <= 2
    assert set(scene.host.requests.values()) == {1}


@pytest.mark.slow
@pytest.mark.parametrize("kafka", ["embedded"], indirect=True)
async def test_a_killed_worker_loses_nothing_and_spares_the_host(processes: Processes):
    async with two_workers_at_work(processes) as scene:
        async for _ in ticks():
            if scene.host.requests:
                break
        # Only one: if two die at once, the embedded broker may lock their group.
        killed = scene.workers[0]
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        processes.start("services.enrichment.images", NAMES[0])
        await wait_until_complete(scene.store)
    # The host still answers what the killed worker had requested.
    assert scene.host.most_concurrent <= 4
    assert max(scene.host.requests.values()) <= 3
