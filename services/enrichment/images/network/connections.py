"""Connections to hosts on a guarded network, each kept for some seconds after its use and used again.

Not a pool of httpcore2's: how many a host may have is for its line to say (`queueing.py`), and a pool looks at all of
its connections before and after every request, with a system call each.
"""

import ssl
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, cast

import httpcore2

from services.enrichment.images.network.guarded_network import Guard
from services.enrichment.images.network.urls import Location

KEPT_SECONDS: Final = 5.0  # an idle connection: pictures of one article come together


_Idle = defaultdict[tuple[str, str], list[httpcore2.AsyncHTTPConnection]]  # by origin


@dataclass(frozen=True)
class Response:
    """An answer whose body is still to come, as it comes: nothing is inflated. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    chunks: AsyncIterator[bytes]


class Connections:
    """Raises httpcore2's errors as they are, and the guard's Forbidden and Unresolved. *tls*: whom to trust."""

    def __init__(self, guard: Guard, tls: ssl.SSLContext | None = None) -> None:
        self._guard = guard
        self._tls = tls or httpcore2.default_ssl_context()
        self._idle: _Idle = defaultdict(list)
        self._looked_at = 0.0

    @asynccontextmanager
    async def asked(
        self, location: Location, headers: Mapping[str, str], waits: Mapping[str, float]
    ) -> AsyncIterator[Response]:
        """The answer to a GET. *waits* are httpcore2's timeouts: seconds to `connect`, `read` and `write`."""
        await self._close_idle()
        connection = self._taken(location)
        answer = await connection.handle_async_request(_request(location, headers, waits))
        try:
            async with aclosing(cast("Any", answer.stream).__aiter__()) as chunks:
                yield Response(answer.status, _named(answer.headers), chunks)
        finally:
            await answer.aclose()
            if connection.is_idle():
                self._idle[location.origin].append(connection)

    async def close(self) -> None:
        idle, self._idle = self._idle, defaultdict(list)
        for connection in (one for several in idle.values() for one in several):
            await connection.aclose()

    def _taken(self, location: Location) -> httpcore2.AsyncHTTPConnection:
        """One that is idle and still stands, or a new one. The others are closed in time."""
        idle = self._idle.get(location.origin, ())
        for connection in idle:
            if not connection.has_expired():
                self._idle[location.origin].remove(connection)
                return connection
        return httpcore2.AsyncHTTPConnection(
            origin=httpcore2.Origin(
                location.scheme.encode(), location.name.encode(), location.port
            ),
            ssl_context=self._tls,
            keepalive_expiry=KEPT_SECONDS,
            network_backend=self._guard,
        )

    async def _close_idle(self) -> None:
        """Those that nobody wanted for long, or whose host has closed them."""
        if time.monotonic() - self._looked_at < KEPT_SECONDS:
            return
        self._looked_at = time.monotonic()
        left: _Idle = defaultdict(list)
        old: list[httpcore2.AsyncHTTPConnection] = []
        for origin, several in self._idle.items():
            for connection in several:
                (old if connection.has_expired() else left[origin]).append(connection)
        self._idle = left
        for connection in old:
            await connection.aclose()


def _request(
    location: Location, headers: Mapping[str, str], waits: Mapping[str, float]
) -> httpcore2.Request:
    return httpcore2.Request(
        "GET",
        httpcore2.URL(
            scheme=location.scheme, host=location.name, port=location.port, target=location.target
        ),
        headers=[("Host", location.authority), ("Connection", "keep-alive"), *headers.items()],
        extensions={"timeout": waits},
    )


def _named(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """One that comes several times has all its values."""
    named: defaultdict[str, list[str]] = defaultdict(list)
    for name, value in headers:
        named[name.decode("ascii").lower()].append(_text(value))
    return {name: ", ".join(values) for name, values in named.items()}


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
