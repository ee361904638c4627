"""One request over HTTP: in bounded time and memory, to a typed result, never an exception."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPResponse
from http.cookiejar import CookieJar
from typing import Final
from urllib.request import Request as UrllibRequest

import httpx

from services.enrichment.images.fetch_outcome import (
    Failure,
    FailureKind,
    RetryLater,
    Validators,
)
from services.enrichment.images.fetching.fetch_resources import FetchResources
from services.enrichment.images.fetching.http_response import (
    HttpResult,
    ResponseBody,
    classify_response,
    max_body_size,
    read_body,
)
from services.enrichment.images.fetching.resource_type import ResourceType
from services.enrichment.images.limits import CONNECT_TIMEOUT_SECONDS, READ_TIMEOUT_SECONDS
from services.enrichment.images.network.connection_pool import ConnectionPool
from services.enrichment.images.network.guarded_network import ForbiddenAddress
from services.enrichment.images.network.guarded_transport import PARSED_URL, GuardedTransport
from services.enrichment.images.network.resolver import ResolutionError
from services.enrichment.images.network.urls import ParsedUrl

_TRANSIENT_ERRORS: Final = (
    ResolutionError,
    httpx.TimeoutException,
    httpx.NetworkError,
    httpx.RemoteProtocolError,
    OSError,  # TLS raises it as it is when it breaks after the handshake
)


_SENTENCES: Final[Mapping[type[Exception], str]] = {
    httpx.ConnectTimeout: "the host accepted no connection in time",
    httpx.PoolTimeout: "no connection to the host was free in time",
    httpx.TimeoutException: "the host stopped answering",
    httpx.ConnectError: "no connection to the host could be made",
    httpx.RemoteProtocolError: "the host's answer breaks HTTP's rules",
    httpx.NetworkError: "the connection broke",
    OSError: "the connection broke",
}
"""By the kind of error, the narrower before the wider."""


@dataclass(frozen=True)
class Request:
    """A GET request. *validators*: of the version that we have, to make the request conditional."""

    url: ParsedUrl
    resource_type: ResourceType
    validators: Validators

    @property
    def headers(self) -> dict[str, str]:
        headers = {"Accept": self.resource_type.accept}
        if self.validators.etag:
            headers["If-None-Match"] = self.validators.etag
        if self.validators.last_modified:
            headers["If-Modified-Since"] = self.validators.last_modified
        return headers


class HttpClient:
    """httpx over the guarded *connections*: no redirects, cookies, proxies or credentials."""

    def __init__(self, connections: ConnectionPool, user_agent: str) -> None:
        self._client = httpx.AsyncClient(
            transport=GuardedTransport(connections),
            # A small compressed body can hold a huge one.
            headers={"User-Agent": user_agent, "Accept-Encoding": "identity"},
            cookies=_NoCookies(),
            trust_env=False,
            follow_redirects=False,
        )

    async def get(
        self, request: Request, seconds: float, resources: FetchResources
    ) -> tuple[HttpResult, float]:
        """The result, and the seconds that the host took. Blocks for *seconds* at the most.

        While the body waits for memory the clock stands still: that is not the host's time. The
        memory belongs to *resources*.
        """
        try:
            async with asyncio.timeout(seconds) as timeout:
                result = await self._get(request, seconds, resources, timeout)
                return result, seconds - _seconds_left(timeout)
        except TimeoutError:
            return RetryLater(f"it took longer than {seconds:.3g} s"), seconds

    async def close(self) -> None:
        await self._client.aclose()

    async def _get(
        self,
        request: Request,
        seconds: float,
        resources: FetchResources,
        timeout: asyncio.Timeout,
    ) -> HttpResult:
        try:
            async with self._client.stream(
                "GET",
                request.url.url,
                headers=request.headers,
                timeout=_limit_timeouts(seconds),
                extensions={PARSED_URL: request.url},
            ) as response:
                result = classify_response(response, request.resource_type, request.validators)
                return result or await _read_body(response, request, resources, timeout)
        except ForbiddenAddress as error:
            return Failure(FailureKind.FORBIDDEN, str(error))
        except _TRANSIENT_ERRORS as error:
            return RetryLater(_explain(error)[:300])
        except (httpx.LocalProtocolError, httpx.InvalidURL) as error:
            return Failure(FailureKind.BAD_URL, str(error)[:300])


def _explain(error: Exception) -> str:
    """Why there is no response now, as a person would say it; the error's own words come last."""
    own_words = f": {error}" if str(error) else ""
    for kind, sentence in _SENTENCES.items():
        if isinstance(error, kind):
            return sentence + own_words
    return str(error) or type(error).__name__


class _NoCookies(CookieJar):
    """Keeps none, and does not even parse what hosts send."""

    def extract_cookies(self, response: HTTPResponse, request: UrllibRequest) -> None:
        return


async def _read_body(
    response: httpx.Response,
    request: Request,
    resources: FetchResources,
    timeout: asyncio.Timeout,
) -> ResponseBody | Failure:
    seconds_left = _seconds_left(timeout)
    timeout.reschedule(None)
    await resources.reserve_memory(max_body_size(response, request.resource_type))
    timeout.reschedule(asyncio.get_running_loop().time() + seconds_left)
    body = await read_body(response, request.url.url, request.resource_type)
    resources.shrink_memory(len(body.content) if isinstance(body, ResponseBody) else 0)
    return body


def _seconds_left(timeout: asyncio.Timeout) -> float:
    return (timeout.when() or 0.0) - asyncio.get_running_loop().time()


def _limit_timeouts(seconds: float) -> httpx.Timeout:
    return httpx.Timeout(
        connect=min(CONNECT_TIMEOUT_SECONDS, seconds),
        read=min(READ_TIMEOUT_SECONDS, seconds),
        write=seconds,
        pool=None,
    )
