"""A worker's way to the web as the benchmarks drive it, and the CPU and memory that it takes."""

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from services.enrichment.images.decoding.process_pool import DecodingPool
from services.enrichment.images.decoding.verification import (
    PictureVerifier,
    verify_picture,
    verify_with_derivatives,
)
from services.enrichment.images.fetch_outcome import Failure, VerifiedPicture
from services.enrichment.images.fetching.host_limits import HostLimits
from services.enrichment.images.fetching.http_client import HttpClient
from services.enrichment.images.fetching.picture_fetcher import PictureFetcher
from services.enrichment.images.fetching.web_fetcher import WebFetcher
from services.enrichment.images.handlers import ImagesHandler
from services.enrichment.images.network.connection_pool import ConnectionPool
from services.enrichment.images.network.guarded_network import GuardedNetwork
from services.enrichment.images.scheduling.fetch_coordinator import FetchCoordinator
from services.enrichment.images.scheduling.retry_policy import RetryPolicy
from shared.broker.records import Record
from shared.clock import now
from shared.events.picture_events import build_picture_wanted
from tests.bench.images.hosts import HOSTS, NETWORK, host_address

IN_FLIGHT = 64


@dataclass(frozen=True)
class Worker:
    pictures: PictureFetcher

    def build_handler(self, *, first_seconds: float = 3) -> ImagesHandler:
        policy = RetryPolicy(first_seconds=first_seconds)
        coordinator = FetchCoordinator(self.pictures.fetch, policy, now, random.random)
        return ImagesHandler(coordinator, now)


def verify_alone(content: bytes) -> VerifiedPicture | Failure:
    """The picture without thumbnails; its bytes need not travel back from the process."""
    picture = verify_picture(content)
    return picture if isinstance(picture, Failure) else replace(picture, content=b"")


@asynccontextmanager
async def run_worker(*, thumbnails: bool) -> AsyncIterator[Worker]:
    pool = DecodingPool()
    decode = verify_with_derivatives if thumbnails else verify_alone
    network = GuardedNetwork((ip_network(NETWORK),))
    client = HttpClient(ConnectionPool(network), "Seedwire/bench")
    web = WebFetcher(client, HostLimits(2, time.monotonic), IN_FLIGHT)
    yield Worker(PictureFetcher(web, PictureVerifier(pool, decode)))
    await web.close()
    await pool.close()


def make_urls(port: int, count: int, size: str = "small") -> list[str]:
    """URLs of pictures, spread over HOSTS; no two runs have the same."""
    run = os.urandom(4).hex()
    urls: list[str] = []
    for number in range(count):
        host = host_address(number % HOSTS)
        urls.append(f"http://{host}:{port}/{run}/{size}/{number}.jpg")
    return urls


def build_records(urls: Sequence[str]) -> list[Record]:
    """Records that request the pictures, each for an article of its own."""
    records: list[Record] = []
    for offset, url in enumerate(urls):
        event = build_picture_wanted(f"a{offset}", url, "host", "v1")
        record = Record("c", event.topic, 0, offset, now(), event.key, event.value, event.headers)
        records.append(record)
    return records


def list_children() -> list[str]:
    """The process ids of the living processes that this one started."""
    children: list[str] = []
    for task in Path("/proc/self/task").iterdir():
        children += (task / "children").read_text().split()
    return children


def cpu_seconds() -> float:
    """Of this process and its living children."""
    return time.process_time() + sum(map(_child_cpu_seconds, list_children()))


def _child_cpu_seconds(pid: str) -> float:
    """0 for a process that has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_memory(pid: str = "self") -> float:
    """MB; 0 for a process that has ended."""
    try:
        pages = Path(f"/proc/{pid}/statm").read_text().split()[1]
    except FileNotFoundError:
        return 0.0
    return int(pages) * os.sysconf("SC_PAGE_SIZE") / 2**20


async def run_all(works: Iterable[Coroutine[Any, Any, Any]]) -> None:
    await asyncio.gather(*works)
