"""The httpx transport of image workers: httpcore's pool on a guarded network."""

from collections.abc import AsyncIterator
from typing import cast

import httpcore
import httpx

from services.enrichment.images.guard import Guard


class GuardedTransport(httpx.AsyncBaseTransport):
    """Raises httpcore's errors as they are, and the guard's Forbidden and Unresolved."""

    def __init__(self, guard: Guard, connections: int) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=5,
            network_backend=guard,
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        asked = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=request.url.raw_scheme,
                host=request.url.raw_host,
                port=request.url.port,
                target=request.url.raw_path,
            ),
            headers=request.headers.raw,
            extensions=request.extensions,
        )
        answer = await self._pool.handle_async_request(asked)
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer))

    async def aclose(self) -> None:
        await self._pool.aclose()


class _Body(httpx.AsyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in cast("AsyncIterator[bytes]", self._answer.stream):
            yield chunk

    async def aclose(self) -> None:
        await self._answer.aclose()
