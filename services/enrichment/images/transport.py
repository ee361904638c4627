"""The httpx2 transport of image workers: a pool of connections for each host, on a guarded network.

One pool for all would look at every idle connection for every request: with 64 of them that is most of the work.
"""

import ssl
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Final, cast

import httpcore2
import httpx2

from services.enrichment.images.guard import Guard

KEPT_SECONDS: Final = 5.0  # an idle connection: pictures of one article come together

Origin = tuple[bytes, bytes, int | None]


@dataclass
class _Pool:
    connections: httpcore2.AsyncConnectionPool
    users: int = 0
    left_at: float = 0.0


class GuardedTransport(httpx2.AsyncBaseTransport):
    """Raises httpcore2's errors as they are, and the guard's Forbidden and Unresolved.

    *connections*: at most so many to one host.
    """

    def __init__(self, guard: Guard, connections: int, tls: ssl.SSLContext | None = None) -> None:
        self._guard = guard
        self._connections = connections
        self._tls = tls or httpx2.create_ssl_context(trust_env=False)
        self._pools: OrderedDict[Origin, _Pool] = OrderedDict()  # by use, the latest last

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        url = request.url
        asked = httpcore2.Request(
            method=request.method,
            url=httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            extensions=request.extensions,
        )
        await self._close_idle()
        pool = self._pool((url.raw_scheme, url.raw_host, url.port))
        try:
            answer = await pool.connections.handle_async_request(asked)
        except BaseException:
            self._leave(pool)
            raise
        return httpx2.Response(answer.status, headers=answer.headers, stream=_Body(answer, lambda: self._leave(pool)))

    async def aclose(self) -> None:
        while self._pools:
            _, pool = self._pools.popitem()
            await pool.connections.aclose()

    def _pool(self, origin: Origin) -> _Pool:
        if origin not in self._pools:
            self._pools[origin] = _Pool(
                httpcore2.AsyncConnectionPool(
                    ssl_context=self._tls,
                    max_connections=self._connections,
                    keepalive_expiry=KEPT_SECONDS,
                    network_backend=self._guard,
                )
            )
        pool = self._pools[origin]
        pool.users += 1
        self._pools.move_to_end(origin)
        return pool

    def _leave(self, pool: _Pool) -> None:
        pool.users -= 1
        pool.left_at = time.monotonic()

    async def _close_idle(self) -> None:
        """Forget hosts that were not asked lately, the longest unasked first."""
        before = time.monotonic() - KEPT_SECONDS
        while self._pools:
            origin, pool = next(iter(self._pools.items()))
            if pool.users:
                self._pools.move_to_end(origin)
                return
            if pool.left_at > before:
                return
            del self._pools[origin]
            await pool.connections.aclose()


class _Body(httpx2.AsyncByteStream):
    def __init__(self, answer: httpcore2.Response, left: Callable[[], None]) -> None:
        self._answer = answer
        self._left = left

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in cast("AsyncIterator[bytes]", self._answer.stream):
            yield chunk

    async def aclose(self) -> None:
        try:
            await self._answer.aclose()
        finally:
            self._left()
