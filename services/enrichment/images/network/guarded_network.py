"""The guard: every connection an image worker makes goes through here, and only to addresses that were checked.

It stands at connect, below redirects, retries and connections that are kept: whatever a URL claims, the name is
resolved here, all its answers are judged, and the connection is made to a judged address, not to the name.
"""

import socket
from collections.abc import Callable, Iterable, Sequence
from ipaddress import ip_address
from typing import Any

import httpcore2

from services.enrichment.images.limits import PORTS
from services.enrichment.images.network.address_rules import (
    Address,
    Network,
    is_public,
    is_within,
    unwrapped,
)
from services.enrichment.images.network.resolver import Resolve, Resolver, Unresolved

TRIED = 2  # addresses of a host, each in its share of the time: one may be down, or not be reached from here


class Forbidden(Exception):
    """The address must not be connected to. Consequence: the picture has failed for good."""


def is_own(address: Address) -> bool:
    """Whether an interface of this machine has *address*: only then can a socket be bound to it."""
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(address), 0))
    except OSError:
        return False
    return True


class Guard(httpcore2.AsyncNetworkBackend):
    """A network backend of httpcore2 that refuses what is not public or is this machine, and ports not of the web.

    *allowed* networks are let in, with any port. *resolve* gives the addresses of a name, or raises Unresolved;
    *backend* makes the connections that were judged.
    """

    def __init__(
        self,
        allowed: Sequence[Network] = (),
        resolve: Resolve | None = None,
        own: Callable[[Address], bool] = is_own,
        backend: httpcore2.AsyncNetworkBackend | None = None,
    ) -> None:
        self._allowed = allowed
        self._resolve = resolve or Resolver()
        self._own = own
        self._backend = backend or httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        *spare, last = (await self._judged(host, port))[:TRIED]
        share = timeout and timeout / (len(spare) + 1)
        for address in spare:
            try:
                return await self._backend.connect_tcp(
                    str(address), port, share, local_address, socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue  # the next address of the same host
        return await self._backend.connect_tcp(
            str(last), port, share, local_address, socket_options
        )

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore2.AsyncNetworkStream:
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
            if self._own(unwrapped(address) or address):
                raise Forbidden(f"{_named(host, address)} is an address of this machine")
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
