"""One image worker's way to the web, whose every connection is written down. Nothing ever leaves this machine."""

import asyncio
import json
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any

import httpcore2

from services.enrichment.images.decoding.process_pool import Pool
from services.enrichment.images.decoding.verification import Verifier
from services.enrichment.images.fetching.fetch_outcome import Failed, Outcome
from services.enrichment.images.fetching.host_limits import Hosts
from services.enrichment.images.fetching.picture_fetcher import Fetcher
from services.enrichment.images.limits import HELD_BYTES
from services.enrichment.images.network.address_rules import is_within
from services.enrichment.images.network.guarded_network import Guard, is_own
from services.enrichment.images.network.resolver import Unresolved
from services.enrichment.images.pages.page_fetcher import PageReader
from services.enrichment.images.pages.page_metadata import Found
from shared.memory_budget import Room

ALLOWED = (ip_network("127.1.0.0/16"),)
HOME = "127.1.0.1"  # where our hosts are
PUBLIC = "93.184.216.34"
# For all tests: a process takes a second to start. More than any test needs: who waits is bound to one test's loop.
POOL = Pool(processes=8)


class Wire(httpcore2.AsyncNetworkBackend):
    """Connects within ALLOWED alone; writes down every address that anyone wanted a connection to."""

    def __init__(self) -> None:
        self.connected: list[tuple[str, int]] = []
        self._backend = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self, host: str, port: int, *rest: Any, **options: Any
    ) -> httpcore2.AsyncNetworkStream:
        self.connected.append((host, port))
        if not is_within(ip_address(host), ALLOWED):
            raise httpcore2.ConnectError("not from a test")
        return await self._backend.connect_tcp(host, port, *rest, **options)

    async def sleep(self, seconds: float) -> None:
        await self._backend.sleep(seconds)


class Web:
    """`names` are what the resolver knows: addresses, an iterator that gives some each time, or None: no answer."""

    def __init__(self, allowed=ALLOWED, own=is_own, tls=None, room: int = HELD_BYTES) -> None:
        self.names: dict[str, Any] = {}
        self.resolved: list[str] = []
        self.wire = Wire()
        self.room = Room(room)
        guard = Guard(allowed, self.resolve, own, self.wire)
        self.fetcher = Fetcher(
            guard, Hosts(2, time.monotonic), Verifier(POOL), 4, "Seedwire/test", tls, self.room
        )
        self.reader = PageReader(self.fetcher, "Seedwire", time.monotonic, POOL)

    async def resolve(self, host: str, port: int):
        self.resolved.append(host)
        if host not in self.names:
            raise Unresolved(f"{host} has no address")
        known = self.names[host]
        if known is None:
            await asyncio.Event().wait()
        given = known if isinstance(known, list) else next(known)
        return [ip_address(address) for address in given]

    async def fetch(self, url: str, seconds: float = 3.0) -> Outcome:
        """Its outcome; a test that takes much longer than its seconds is one that hangs."""
        async with asyncio.timeout(seconds + 20), self.fetcher.fetched(url, seconds) as outcome:
            return outcome

    async def read(self, url: str, seconds: float = 3.0) -> Outcome | Found:
        """What the page at *url* says, as a worker reads it: after its robots.txt, its head alone."""
        async with asyncio.timeout(seconds + 20), self.reader.found(url, seconds) as outcome:
            return outcome

    async def kind(self, url: str, seconds: float = 3.0):
        return kind_of(await self.fetch(url, seconds))

    @property
    def connected(self) -> Iterable[str]:
        return [host for host, _ in self.wire.connected]

    @property
    def strayed(self) -> list[str]:
        """Addresses to which a connection was tried, and to which none may go."""
        return [
            address for address in self.connected if not is_within(ip_address(address), ALLOWED)
        ]

    async def close(self) -> None:
        """At the end no connection was even tried to where none may go."""
        await self.fetcher.close()
        assert self.strayed == []


def kind_of(outcome: Outcome | Found):
    """The failure's word, or what else it is."""
    return outcome.kind if isinstance(outcome, Failed) else type(outcome)


@dataclass(frozen=True)
class Bounded:
    """What a fetch in a process of its own came to."""

    outcome: str  # a failure's word, or the outcome's class
    grown: float  # MB that the process grew to at most, beyond what it had before
    seconds: float
    strayed: list[str]
    images: list[str]  # that a page names


async def bounded(url: str, seconds: float = 20.0, what: str = "picture") -> Bounded:
    """Fetch *url*, a picture or a page, in a process that may have 1 GB more than it starts with.

    It took little more than its seconds (a decoder may come after them), and went nowhere else.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", f"{__package__ or 'tests.integration.images.hostile'}.child", url, str(seconds), what,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, _ = await asyncio.wait_for(process.communicate(), 120)
    assert process.returncode == 0
    found = Bounded(**json.loads(output))
    assert found.seconds < seconds + 20
    assert found.strayed == []
    return found
