"""Fetches resources from the open web within all limits, following redirects."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

from services.enrichment.images.fetch_outcome import (
    NO_VALIDATORS,
    Failure,
    FailureKind,
    NotModified,
    RetryLater,
    Validators,
)
from services.enrichment.images.fetching.fetch_resources import FetchResources
from services.enrichment.images.fetching.host_limits import HostLimits
from services.enrichment.images.fetching.host_queue import HostNotReady
from services.enrichment.images.fetching.http_client import HttpClient, Request
from services.enrichment.images.fetching.http_response import (
    HttpResult,
    Redirect,
    ResponseBody,
)
from services.enrichment.images.fetching.resource_type import ResourceType
from services.enrichment.images.limits import MAX_BODY_MEMORY, MAX_REDIRECTS
from services.enrichment.images.network.urls import host_of, parse_redirect, parse_url
from shared.concurrency.memory_budget import MemoryBudget

FetchedResource = ResponseBody | NotModified | Failure | RetryLater
CheckUrl = Callable[[str, float], Awaitable[Failure | RetryLater | None]]
"""Why a URL must not be requested, found out within so many seconds; None if it may be."""


class WebFetcher:
    """One worker's way to the web.

    *max_fetches* bounds the URLs in hand, from the request until the caller is done with the body;
    *memory* bounds the bodies that they hold.
    """

    def __init__(
        self,
        client: HttpClient,
        hosts: HostLimits,
        max_fetches: int,
        memory: MemoryBudget | None = None,
    ) -> None:
        self._client = client
        self._hosts = hosts
        self._slots = asyncio.Semaphore(max_fetches)
        self._memory = memory or MemoryBudget(MAX_BODY_MEMORY)
        self.fetched_bytes = 0  # of all bodies so far

    def refusal(self, url: str) -> RetryLater | None:
        """The outcome if the host of *url* must not be contacted now; None if it may be."""
        refusal = self._hosts.refusal(host_of(url))
        return refusal.outcome if refusal else None

    @asynccontextmanager
    async def fetch(
        self,
        url: str,
        seconds: float,
        resource_type: ResourceType,
        validators: Validators = NO_VALIDATORS,
        check_url: CheckUrl | None = None,
    ) -> AsyncIterator[FetchedResource]:
        """The body at *url*, or why there is none; never raises for anything a host does.

        Blocks until its hosts have a connection free, and then for *seconds* at the most. The
        body counts against the worker's limits until the block is left. *check_url* is called
        before every request.
        """
        parsed = parse_url(url)
        if isinstance(parsed, Failure):
            yield parsed
            return
        request = Request(parsed, resource_type, validators)
        resources = FetchResources(self._slots, self._memory)
        try:
            yield await self._follow_redirects(request, seconds, resources, check_url)
        finally:
            resources.release()

    async def close(self) -> None:
        await self._client.close()

    async def _follow_redirects(
        self,
        request: Request,
        seconds: float,
        resources: FetchResources,
        check_url: CheckUrl | None,
    ) -> FetchedResource:
        for _ in range(MAX_REDIRECTS + 1):
            if check_url and (objection := await check_url(request.url.url, seconds)):
                return objection
            try:
                result, seconds_taken = await self._send(request, seconds, resources)
            except HostNotReady as refusal:
                return refusal.outcome
            if not isinstance(result, Redirect):
                return result
            target = parse_redirect(request.url.url, result.location)
            if isinstance(target, Failure):
                return target
            request = replace(request, url=target)
            seconds -= seconds_taken
        return Failure(FailureKind.REDIRECTS, f"more than {MAX_REDIRECTS} redirects")

    async def _send(
        self, request: Request, seconds: float, resources: FetchResources
    ) -> tuple[HttpResult, float]:
        """One request over one of the host's connections, and the seconds it took.

        A body keeps its slot and its memory. Raises HostNotReady.
        """
        async with self._hosts.visit(request.url.host) as host:
            await resources.acquire_slot()
            result, seconds_taken = await self._client.get(request, seconds, resources)
            if isinstance(result, RetryLater):
                succeeded, retry_after = not result.is_host_failure, result.retry_after
            else:
                succeeded, retry_after = True, None
            host.record(succeeded=succeeded, seconds=seconds_taken, retry_after=retry_after)
            if isinstance(result, ResponseBody):
                self.fetched_bytes += len(result.content)
            else:
                resources.release()
            return result, seconds_taken
