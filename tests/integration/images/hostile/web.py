"""One image worker's way to the web, with its connections recorded. Nothing leaves this machine."""

import asyncio
import json
import ssl
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any

import httpcore2

from services.enrichment.images.decoding.process_pool import DecodingPool
from services.enrichment.images.decoding.verification import PictureVerifier
from services.enrichment.images.fetch_outcome import Failure, FailureKind, FetchOutcome
from services.enrichment.images.fetching.host_limits import HostLimits
from services.enrichment.images.fetching.http_client import HttpClient
from services.enrichment.images.fetching.picture_fetcher import PictureFetcher
from services.enrichment.images.fetching.web_fetcher import WebFetcher
from services.enrichment.images.limits import MAX_BODY_MEMORY
from services.enrichment.images.network.address_rules import Address, Network, is_within
from services.enrichment.images.network.connection_pool import ConnectionPool
from services.enrichment.images.network.guarded_network import GuardedNetwork, is_own_address
from services.enrichment.images.network.resolver import ResolutionError
from services.enrichment.images.pages.page_fetcher import PageFetcher
from services.enrichment.images.pages.page_metadata import PageMetadata
from shared.concurrency.memory_budget import MemoryBudget

ALLOWED = (ip_network("127.1.0.0/16"),)
HOME = "127.1.0.1"  # where our hosts are
PUBLIC = "93.184.216.34"
# For all tests, since a process takes a second to start. More than any test needs: a test that
# waited for a process would bind the pool to its own event loop.
POOL = DecodingPool(processes=8)


class RecordingNetwork(httpcore2.AsyncNetworkBackend):
    """Connects within ALLOWED alone, and records every address that a connection was tried to."""

    def __init__(self) -> None:
        self.tried: list[str] = []
        self._backend = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self, host: str, port: int, *rest: Any, **options: Any
    ) -> httpcore2.AsyncNetworkStream:
        self.tried.append(host)
        if not is_within(ip_address(host), ALLOWED):
            raise httpcore2.ConnectError("not from a test")
        return await self._backend.connect_tcp(host, port, *rest, **options)

    async def sleep(self, seconds: float) -> None:
        await self._backend.sleep(seconds)


class WorkerWeb:
    """*names* are what the resolver knows of each name: addresses, an iterator that gives the
    addresses of each look-up, or None if there is no answer."""

    def __init__(
        self,
        allowed: Sequence[Network] = ALLOWED,
        is_own: Callable[[Address], bool] = is_own_address,
        tls: ssl.SSLContext | None = None,
        memory: int = MAX_BODY_MEMORY,
        pool: DecodingPool = POOL,
    ) -> None:
        self.names: dict[str, Any] = {}
        self.resolved: list[str] = []
        self.memory = MemoryBudget(memory)
        self._recording = RecordingNetwork()
        network = GuardedNetwork(allowed, self._resolve, is_own, self._recording)
        client = HttpClient(ConnectionPool(network, tls), "Seedwire/test")
        self._web = WebFetcher(client, HostLimits(2, time.monotonic), 4, self.memory)
        self.pictures = PictureFetcher(self._web, PictureVerifier(pool))
        self.pages = PageFetcher(self._web, "Seedwire", time.monotonic, pool)

    async def fetch(self, url: str, seconds: float = 3.0) -> FetchOutcome:
        """The outcome of a picture. A test that takes much longer than its seconds hangs."""
        async with asyncio.timeout(seconds + 20), self.pictures.fetch(url, seconds) as outcome:
            return outcome

    async def fetch_page(self, url: str, seconds: float = 3.0) -> FetchOutcome | PageMetadata:
        """The outcome of a page, which is fetched as a worker does: robots.txt, then its head."""
        async with asyncio.timeout(seconds + 20), self.pages.fetch(url, seconds) as outcome:
            return outcome

    async def fetch_kind(self, url: str, seconds: float = 3.0) -> FailureKind | type:
        return kind_of(await self.fetch(url, seconds))

    @property
    def connected(self) -> list[str]:
        """The addresses that a connection was tried to."""
        return self._recording.tried

    @property
    def strayed(self) -> list[str]:
        """Those of them that no connection may be tried to."""
        return [
            address for address in self.connected if not is_within(ip_address(address), ALLOWED)
        ]

    async def close(self, *, may_stray: bool = False) -> None:
        """Unless it *may_stray*, no connection was even tried to where none may go."""
        await self._web.close()
        assert may_stray or self.strayed == []

    async def _resolve(self, host: str, port: int) -> list[Address]:
        self.resolved.append(host)
        if host not in self.names:
            raise ResolutionError(f"{host} has no address")
        known = self.names[host]
        if known is None:
            await asyncio.Event().wait()
        addresses = known if isinstance(known, list) else next(known)
        return [ip_address(address) for address in addresses]


def kind_of(outcome: FetchOutcome | PageMetadata) -> FailureKind | type:
    """A failure's kind, or the class of any other outcome."""
    return outcome.kind if isinstance(outcome, Failure) else type(outcome)


@dataclass(frozen=True)
class ChildFetch:
    """What came of a fetch in a process of its own."""

    outcome: str  # a failure's kind, or the class of any other outcome
    grown: float  # MB that the process grew by at the most
    seconds: float
    strayed: list[str]
    images: list[str]  # that a page names


async def fetch_in_child(url: str, seconds: float = 20.0, what: str = "picture") -> ChildFetch:
    """Fetch *url*, a picture or a page, in a process that may have 1 GB more than it starts with.

    It takes little more than its seconds (a decoder may come after them), and goes nowhere else.
    """
    child = f"{__package__ or 'tests.integration.images.hostile'}.child"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", child, url, str(seconds), what), stdout=asyncio.subprocess.PIPE
    )
    output, _ = await asyncio.wait_for(process.communicate(), 120)
    assert process.returncode == 0
    fetched = ChildFetch(**json.loads(output))
    assert fetched.seconds < seconds + 20
    assert fetched.strayed == []
    return fetched
