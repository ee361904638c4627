"""The guard: every connection an image worker makes goes through here, and only to addresses that were checked.

It stands at connect, below redirects, retries and pools: whatever a URL claims, the name is resolved here, all its
answers are judged, and the connection is made to a judged address, not to the name.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from ipaddress import ip_address
from typing import Any

import httpcore

from services.enrichment.images.addresses import Address, Network, is_public, is_within
from services.enrichment.images.limits import PORTS

Resolve = Callable[[str, int], Awaitable[Sequence[Address]]]

TRIED = 2  # addresses of a host: one may be down, more would eat the time there is


class Forbidden(Exception):
    """The address must not be connected to. Consequence: the picture has failed for good."""


class Unresolved(Exception):
    """The name has no address now. Consequence: the picture is tried again later."""


async def resolve(host: str, port: int) -> Sequence[Address]:
    """Every address of *host*. Raises Unresolved."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unresolved(f"{host} has no address: {error}") from error
    return [ip_address(str(answer[4][0]).partition("%")[0]) for answer in found]


class Guard(httpcore.AsyncNetworkBackend):
    """A network backend of httpcore that refuses what is not public, and ports that are not the web's.

    *allowed* networks are let in, with any port.
    """

    def __init__(self, allowed: Sequence[Network] = (), resolve: Resolve = resolve) -> None:
        self._allowed = allowed
        self._resolve = resolve
        self._backend = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = await self._judged(host, port)
        *spare, last = addresses[:TRIED]
        for address in spare:
            try:
                return await self._backend.connect_tcp(str(address), port, timeout, local_address, socket_options)
            except httpcore.ConnectError:
                continue  # the next address of the same host
        return await self._backend.connect_tcp(str(last), port, timeout, local_address, socket_options)

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.AsyncNetworkStream:
        raise Forbidden("no picture comes from a socket of this machine")

    async def sleep(self, seconds: float) -> None:
        await self._backend.sleep(seconds)

    async def _judged(self, host: str, port: int) -> list[Address]:
        """All addresses of *host*, each of which may be connected to. Raises Forbidden and Unresolved."""
        addresses = _literal(host) or list(dict.fromkeys(await self._resolve(host, port)))
        if not addresses:
            raise Unresolved(f"{host} has no address")
        for address in addresses:
            if is_within(address, self._allowed):
                continue
            if not is_public(address):
                raise Forbidden(f"{_named(host, address)} is not a public address")
            if port not in PORTS:
                raise Forbidden(f"port {port} of {host} is not one of the web's")
        return addresses


def _named(host: str, address: Address) -> str:
    return str(address) if host == str(address) else f"{address}, which {host} stands for,"


def _literal(host: str) -> list[Address]:
    try:
        return [ip_address(host)]
    except ValueError:
        return []
