"""The guarded network: image workers connect through it alone, and only to checked addresses.

It stands where connections are made, below redirects, retries and kept-alive connections.
Whatever a URL claims, the name is resolved here, every address it resolves to is checked, and the
connection goes to a checked address, not to the name.
"""

import socket
from collections.abc import Callable, Iterable, Sequence
from ipaddress import ip_address
from typing import Any, Final

import httpcore2

from services.enrichment.images.limits import WEB_PORTS
from services.enrichment.images.network.address_rules import (
    Address,
    Network,
    is_public,
    is_within,
    unwrap_ipv4,
)
from services.enrichment.images.network.resolver import ResolutionError, Resolve, Resolver

# Each address that is tried gets its share of the timeout: a host may be down at one address, or
# be out of our reach there.
MAX_ADDRESSES: Final = 2


class ForbiddenAddress(Exception):
    """We must not connect to the address. Consequence: the picture has failed for good."""


def is_own_address(address: Address) -> bool:
    """Whether an interface of this machine has *address*: only then can a socket bind to it."""
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(address), 0))
    except OSError:
        return False
    return True


class GuardedNetwork(httpcore2.AsyncNetworkBackend):
    """A network backend of httpcore2 that refuses to connect to what is not the public web.

    Refused are addresses that are not public, addresses of this machine, and ports other than
    WEB_PORTS. *allowed* networks are exempt, on every port. *resolve* gives the addresses of a
    name; *backend* makes the connections that were checked. `connect_tcp` raises ForbiddenAddress,
    ResolutionError and what *backend* raises.
    """

    def __init__(
        self,
        allowed: Sequence[Network] = (),
        resolve: Resolve | None = None,
        is_own: Callable[[Address], bool] = is_own_address,
        backend: httpcore2.AsyncNetworkBackend | None = None,
    ) -> None:
        self._allowed = allowed
        self._resolve = resolve or Resolver()
        self._is_own = is_own
        self._backend = backend or httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        addresses = await self._resolve_and_check(host, port)
        *earlier, last = addresses[:MAX_ADDRESSES]
        share = timeout and timeout / (len(earlier) + 1)
        for address in earlier:
            try:
                return await self._backend.connect_tcp(
                    str(address), port, share, local_address, socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
        return await self._backend.connect_tcp(
            str(last), port, share, local_address, socket_options
        )

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore2.AsyncNetworkStream:
        raise ForbiddenAddress("pictures are not fetched from a Unix socket")

    async def sleep(self, seconds: float) -> None:
        await self._backend.sleep(seconds)

    async def _resolve_and_check(self, host: str, port: int) -> list[Address]:
        """All addresses of *host*. One address that is forbidden forbids the host.

        Raises ForbiddenAddress and ResolutionError.
        """
        addresses = _parse_address(host)
        if not addresses:
            resolved = await self._resolve(host, port)
            addresses = list(dict.fromkeys(resolved))
        if not addresses:
            raise ResolutionError(f"{host} has no address")
        for address in addresses:
            self._check(host, address, port)
        return addresses

    def _check(self, host: str, address: Address, port: int) -> None:
        """Raises ForbiddenAddress."""
        if is_within(address, self._allowed):
            return
        name = str(address) if host == str(address) else f"{host}, which resolves to {address},"
        if not is_public(address):
            raise ForbiddenAddress(f"{name} is not a public address")
        if self._is_own(unwrap_ipv4(address) or address):
            raise ForbiddenAddress(f"{name} is an address of this machine")
        if port not in WEB_PORTS:
            raise ForbiddenAddress(f"port {port} of {host} is not a port of the web")


def _parse_address(host: str) -> list[Address]:
    try:
        return [ip_address(host)]
    except ValueError:
        return []
