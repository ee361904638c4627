"""Fetching against the bare clients: the same URLs, as many in flight, on the same hosts."""

import asyncio
import os
import random
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import httpx
import httpx2

from services.enrichment.images.decoding.process_pool import Pool
from services.enrichment.images.decoding.verification import Verifier
from services.enrichment.images.fetching.host_limits import Hosts
from services.enrichment.images.fetching.picture_fetcher import Fetcher
from services.enrichment.images.handlers import Images
from services.enrichment.images.network.guarded_network import Guard
from services.enrichment.images.scheduling.fetch_coordinator import Desk
from services.enrichment.images.scheduling.retry_policy import Patience
from services.enrichment.images.storing.image_store import Keeper, as_it_came
from shared.broker.records import Record
from shared.clock import now
from shared.events.catalogue import wanted
from shared.store import connect
from tests.bench.images.hosts import HOSTS, NETWORK, address

IN_FLIGHT = 64

Way = Callable[[Sequence[str]], Awaitable[None]]


@dataclass(frozen=True)
class Run:
    """Pictures a second, and milliseconds of CPU for each, of this process and of those that it started."""

    rate: float
    cpu: float


def urls(port: int, count: int, name: str = "small") -> list[str]:
    run = os.urandom(4).hex()  # no two runs ask for the same
    return [
        f"http://{address(number % HOSTS)}:{port}/{run}/{name}/{number}.jpg"
        for number in range(count)
    ]


async def measured(way: Way, asked: Sequence[str]) -> Run:
    await way(asked[:IN_FLIGHT])  # connections are made
    left = asked[IN_FLIGHT:]
    since, cpu = time.perf_counter(), _cpu_seconds()
    await way(left)
    return Run(len(left) / (time.perf_counter() - since), 1000 * (_cpu_seconds() - cpu) / len(left))


def _cpu_seconds() -> float:
    return time.process_time() + sum(map(_of_child, children()))


def children() -> list[str]:
    """The living processes that this one started."""
    return [
        pid
        for task in Path("/proc/self/task").iterdir()
        for pid in (task / "children").read_text().split()
    ]


def _of_child(pid: str) -> float:
    """Seconds of CPU; of one that is gone, none."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@asynccontextmanager
async def bare(client: Any):
    """What the client does without us: IN_FLIGHT at a time, the bytes are read, nothing else."""
    limits = client.Limits(max_connections=IN_FLIGHT, max_keepalive_connections=IN_FLIGHT)
    async with client.AsyncClient(
        limits=limits, trust_env=False, headers={"Accept-Encoding": "identity"}
    ) as web:
        places = asyncio.Semaphore(IN_FLIGHT)

        async def one(url: str) -> None:
            async with places:
                (await web.get(url)).raise_for_status()

        yield lambda asked: gathered(one(url) for url in asked)


@asynccontextmanager
async def fetcher() -> AsyncIterator[tuple[Fetcher, Pool]]:
    """Ours, and the processes that decode for it: as in a worker, those that make thumbnails too."""
    guard, pool = Guard((ip_network(NETWORK),)), Pool()
    ours = Fetcher(guard, Hosts(2, time.monotonic), Verifier(pool), IN_FLIGHT, "Seedwire/bench")
    yield ours, pool
    await ours.close()
    await pool.close()


@asynccontextmanager
async def fetching():
    """Our fetcher: guarded, limited, measured; nothing is kept."""
    async with fetcher() as (ours, _):

        async def one(url: str) -> None:
            async with ours.fetched(url, 30) as outcome:
                assert hasattr(outcome, "content"), outcome

        yield lambda asked: gathered(one(url) for url in asked)


@asynccontextmanager
async def handling(thumbnails: bool = False):
    """The whole handler over a store in a file, in batches of 200, as many of them at once as a worker takes."""
    with tempfile.TemporaryDirectory() as folder:
        async with fetcher() as (ours, pool):
            prepare = Keeper(pool).prepare if thumbnails else as_it_came
            store = connect(f"sqlite:///{Path(folder) / 'seedwire.db'}")
            await store.open()
            images = Images(Desk(ours.fetched, Patience(), now, random.random, prepare), now)

            async def all_of(asked: Sequence[str]) -> None:
                events = [wanted(f"a{n}", url, "host", "v1") for n, url in enumerate(asked)]
                records = [
                    Record("c", e.topic, 0, n, now(), e.key, e.value, e.headers)
                    for n, e in enumerate(events)
                ]
                before = (await store.pictures.counts())["cached"]
                await gathered(
                    images.fetch(records[n : n + 200], store) for n in range(0, len(records), 200)
                )
                assert (await store.pictures.counts())["cached"] == before + len(asked)

            yield all_of
            await store.close()


async def gathered(works: Any) -> None:
    await asyncio.gather(*works)


WAYS = {
    "httpx": lambda: bare(httpx),
    "httpx2": lambda: bare(httpx2),
    "fetch": fetching,
    "fetch and keep": handling,
    "all, with thumbnails": lambda: handling(thumbnails=True),
}


async def compare(
    port: int, count: int, repeats: int, name: str = "small", ways: Sequence[str] = tuple(WAYS)
) -> dict[str, list[Run]]:
    """Every way in turn, several times over: what disturbs this machine disturbs all of them."""
    runs: dict[str, list[Run]] = {way: [] for way in ways}
    for _ in range(repeats):
        for way in ways:
            async with WAYS[way]() as work:
                runs[way].append(await measured(work, urls(port, count + IN_FLIGHT, name)))
    return runs
