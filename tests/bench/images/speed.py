"""Fetching beside the bare HTTP clients: the same URLs, as many in flight, on the same hosts."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import httpx2

from services.enrichment.images.fetch_outcome import VerifiedPicture
from shared.store import connect
from tests.bench.images.worker import (
    IN_FLIGHT,
    build_records,
    cpu_seconds,
    make_urls,
    run_all,
    run_worker,
)

BATCH = 200

FetchUrls = Callable[[Sequence[str]], Awaitable[None]]


@dataclass(frozen=True)
class Run:
    """Pictures a second, and milliseconds of CPU for each: of this process and its children."""

    rate: float
    cpu: float


async def measure(fetch_urls: FetchUrls, urls: Sequence[str]) -> Run:
    await fetch_urls(urls[:IN_FLIGHT])  # connections are made
    rest = urls[IN_FLIGHT:]
    start, cpu_before = time.perf_counter(), cpu_seconds()
    await fetch_urls(rest)
    seconds, cpu = time.perf_counter() - start, cpu_seconds() - cpu_before
    return Run(len(rest) / seconds, 1000 * cpu / len(rest))


@asynccontextmanager
async def use_bare_client(client: Any) -> AsyncIterator[FetchUrls]:
    """The client without us: IN_FLIGHT at a time, the bytes are read, nothing else."""
    limits = client.Limits(max_connections=IN_FLIGHT, max_keepalive_connections=IN_FLIGHT)
    headers = {"Accept-Encoding": "identity"}
    async with client.AsyncClient(limits=limits, trust_env=False, headers=headers) as web:
        slots = asyncio.Semaphore(IN_FLIGHT)

        async def fetch(url: str) -> None:
            async with slots:
                response = await web.get(url)
                response.raise_for_status()

        yield lambda urls: run_all(fetch(url) for url in urls)


@asynccontextmanager
async def use_fetcher() -> AsyncIterator[FetchUrls]:
    """Our fetcher: guarded, limited, verified; nothing is stored."""
    async with run_worker(thumbnails=False) as worker:

        async def fetch(url: str) -> None:
            async with worker.pictures.fetch(url, 30) as outcome:
                assert isinstance(outcome, VerifiedPicture), outcome

        yield lambda urls: run_all(fetch(url) for url in urls)


@asynccontextmanager
async def use_handler(*, thumbnails: bool) -> AsyncIterator[FetchUrls]:
    """The whole handler over a store in a file, with as many batches at once as a worker takes."""
    with tempfile.TemporaryDirectory() as folder:
        async with run_worker(thumbnails=thumbnails) as worker:
            store = connect(f"sqlite:///{Path(folder) / 'seedwire.db'}")
            await store.open()
            handler = worker.build_handler()

            async def fetch_urls(urls: Sequence[str]) -> None:
                records = build_records(urls)
                before = (await store.pictures.counts())["cached"]
                batches = [records[n : n + BATCH] for n in range(0, len(records), BATCH)]
                await run_all(handler.fetch(batch, store) for batch in batches)
                assert (await store.pictures.counts())["cached"] == before + len(urls)

            yield fetch_urls
            await store.close()


WAYS: dict[str, Callable[[], AbstractAsyncContextManager[FetchUrls]]] = {
    "httpx": lambda: use_bare_client(httpx),
    "httpx2": lambda: use_bare_client(httpx2),
    "fetch": use_fetcher,
    "fetch and store": lambda: use_handler(thumbnails=False),
    "all, with thumbnails": lambda: use_handler(thumbnails=True),
}


async def compare(
    port: int, count: int, repeats: int, size: str = "small", ways: Sequence[str] = tuple(WAYS)
) -> dict[str, list[Run]]:
    """Each way in turn, several times: what disturbs this machine disturbs all of them."""
    runs: dict[str, list[Run]] = {way: [] for way in ways}
    for _ in range(repeats):
        for way in ways:
            async with WAYS[way]() as fetch_urls:
                run = await measure(fetch_urls, make_urls(port, count + IN_FLIGHT, size))
            runs[way].append(run)
    return runs
