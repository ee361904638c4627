"""Connections to hosts over a guarded network, kept alive for some seconds and used again.

Not httpcore2's own pool: its host queue bounds how many connections a host has, and that pool
inspects all of its connections before and after every request, with a system call for each.
"""

import ssl
import time
from collections import defaultdict
from typing import Final

import httpcore2

from services.enrichment.images.network.guarded_network import GuardedNetwork
from services.enrichment.images.network.urls import ParsedUrl

KEEP_ALIVE_SECONDS: Final = 5.0  # the pictures of an article come together

_ByOrigin = defaultdict[tuple[str, str], list[httpcore2.AsyncHTTPConnection]]


class ConnectionPool:
    """Lends connections, each to one caller at a time.

    *tls* says which authorities are trusted; by default the system's. The pool sets no limit:
    callers wait in the host's queue before they ask for a connection.
    """

    def __init__(self, network: GuardedNetwork, tls: ssl.SSLContext | None = None) -> None:
        self._network = network
        self._tls = tls or httpcore2.default_ssl_context()
        self._idle: _ByOrigin = defaultdict(list)
        self._swept_at = 0.0

    async def acquire(self, url: ParsedUrl) -> httpcore2.AsyncHTTPConnection:
        """An idle connection that still stands, or a new one, which connects when it is used."""
        await self._close_expired()
        idle = self._idle.get(url.origin, [])
        for connection in idle:
            if not connection.has_expired():
                idle.remove(connection)
                return connection
        origin = httpcore2.Origin(url.scheme.encode(), url.name.encode(), url.port)
        return httpcore2.AsyncHTTPConnection(
            origin=origin,
            ssl_context=self._tls,
            keepalive_expiry=KEEP_ALIVE_SECONDS,
            network_backend=self._network,
        )

    def release(self, url: ParsedUrl, connection: httpcore2.AsyncHTTPConnection) -> None:
        """Keep the connection if it can be used again; otherwise it is closed already."""
        if connection.is_idle():
            self._idle[url.origin].append(connection)

    async def close(self) -> None:
        groups = list(self._idle.values())
        self._idle = defaultdict(list)
        for connections in groups:
            for connection in connections:
                await connection.aclose()

    async def _close_expired(self) -> None:
        """Close what was idle for long, or was closed by its host; at most every few seconds."""
        if time.monotonic() - self._swept_at < KEEP_ALIVE_SECONDS:
            return
        self._swept_at = time.monotonic()
        standing: _ByOrigin = defaultdict(list)
        expired: list[httpcore2.AsyncHTTPConnection] = []
        for origin, connections in self._idle.items():
            for connection in connections:
                if connection.has_expired():
                    expired.append(connection)
                else:
                    standing[origin].append(connection)
        self._idle = standing
        for connection in expired:
            await connection.aclose()
