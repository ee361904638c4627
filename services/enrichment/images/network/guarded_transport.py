"""httpx's transport over the guarded connection pool."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any, Final, cast

import httpcore2
import httpx

from services.enrichment.images.network.connection_pool import ConnectionPool
from services.enrichment.images.network.urls import ParsedUrl

PARSED_URL: Final = "seedwire.parsed_url"
"""Request extension: the ParsedUrl to fetch. What is requested must be what was checked, to the
byte, and httpx would parse and spell the URL a second time, in its own way."""
LOCATION: Final = "seedwire.location"
"""Response extension: where a redirect leads. It is taken out of the headers, for httpx parses
`Location` even if it is not to follow it, and raises for what is not a URL."""

_ERRORS: Final[dict[type[Exception], type[httpx.TransportError]]] = {
    httpcore2.ConnectTimeout: httpx.ConnectTimeout,
    httpcore2.ReadTimeout: httpx.ReadTimeout,
    httpcore2.WriteTimeout: httpx.WriteTimeout,
    httpcore2.ConnectError: httpx.ConnectError,
    httpcore2.ReadError: httpx.ReadError,
    httpcore2.WriteError: httpx.WriteError,
    httpcore2.LocalProtocolError: httpx.LocalProtocolError,
    httpcore2.RemoteProtocolError: httpx.RemoteProtocolError,
}
_TRANSLATED: Final = tuple(_ERRORS)
_Headers = list[tuple[bytes, bytes]]


class GuardedTransport(httpx.AsyncBaseTransport):
    """Sends requests over *connections*, each to the URL in its extension PARSED_URL.

    Raises httpx's errors, and the guarded network's ForbiddenAddress and ResolutionError.
    """

    def __init__(self, connections: ConnectionPool) -> None:
        self._connections = connections

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url: ParsedUrl = request.extensions[PARSED_URL]
        connection = await self._connections.acquire(url)
        with _translate_errors():
            response = await connection.handle_async_request(_build_request(request, url))
        headers, extensions = _split_off_location(response.headers)
        return httpx.Response(
            response.status,
            headers=headers,
            stream=_BodyStream(response, self._connections, url, connection),
            extensions=extensions,
        )

    async def aclose(self) -> None:
        await self._connections.close()


class _BodyStream(httpx.AsyncByteStream):
    """The body as it comes, compressed or not; closing it gives the connection back."""

    def __init__(
        self,
        response: httpcore2.Response,
        connections: ConnectionPool,
        url: ParsedUrl,
        connection: httpcore2.AsyncHTTPConnection,
    ) -> None:
        self._response = response
        self._chunks = cast("Any", response.stream).__aiter__()
        self._connections = connections
        self._url = url
        self._connection = connection

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _translate_errors():
            async for chunk in self._chunks:
                yield chunk

    async def aclose(self) -> None:
        try:
            await self._chunks.aclose()
        finally:
            await self._response.aclose()
            self._connections.release(self._url, self._connection)


def _build_request(request: httpx.Request, url: ParsedUrl) -> httpcore2.Request:
    headers = [(b"Host", url.authority.encode())]
    for name, value in request.headers.raw:
        if name.lower() != b"host":
            headers.append((name, value))
    target = httpcore2.URL(scheme=url.scheme, host=url.name, port=url.port, target=url.target)
    extensions = {"timeout": request.extensions["timeout"]}
    return httpcore2.Request(request.method, target, headers=headers, extensions=extensions)


def _split_off_location(headers: _Headers) -> tuple[_Headers, dict[str, Any]]:
    others: _Headers = []
    locations: _Headers = []
    for header in headers:
        if header[0].lower() == b"location":
            locations.append(header)
        else:
            others.append(header)
    if not locations:
        return headers, {}
    return others, {LOCATION: httpx.Headers(locations)["location"]}


@contextmanager
def _translate_errors() -> Iterator[None]:
    try:
        yield
    except _TRANSLATED as error:
        raise _ERRORS[type(error)](str(error)) from error
