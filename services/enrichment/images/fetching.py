"""Fetches from the open web: in bounded time and memory, to a typed outcome, never an exception."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from http.cookiejar import CookieJar, DefaultCookiePolicy

import ada_url
import httpcore
import httpx

from services.enrichment.images import limits
from services.enrichment.images.answers import PAGE, PICTURE, Answer, Body, Moved, Wish, read
from services.enrichment.images.guard import Forbidden, Guard, Unresolved
from services.enrichment.images.hosts import Hosts
from services.enrichment.images.outcomes import (
    NOTHING_KNOWN,
    Failed,
    Failure,
    Later,
    Measured,
    Outcome,
    Unchanged,
    Validators,
)
from services.enrichment.images.queueing import LeftAlone
from services.enrichment.images.transport import GuardedTransport
from services.enrichment.images.verification import Verifier

Got = Body | Unchanged | Failed | Later


class Fetcher:
    """One worker's way to the web. *at_once*: answers that it may hold in memory."""

    def __init__(self, guard: Guard, hosts: Hosts, verifier: Verifier, at_once: int, user_agent: str) -> None:
        self._hosts = hosts
        self._verifier = verifier
        self._places = asyncio.Semaphore(at_once)
        self._client = httpx.AsyncClient(
            transport=GuardedTransport(guard, at_once),
            headers={"User-Agent": user_agent},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            trust_env=False,
        )

    @asynccontextmanager
    async def fetched(self, url: str, seconds: float, known: Validators = NOTHING_KNOWN) -> AsyncIterator[Outcome]:
        """The picture at *url*, or why not, within *seconds* once its hosts have a connection free for us.

        Unchanged if the host has no other version than the *known* one. The bytes count against what one worker may
        hold until the block is left.
        """
        async with self.got(url, seconds, PICTURE, known) as got:
            yield await self._verified(got) if isinstance(got, Body) else got

    @asynccontextmanager
    async def got(
        self, url: str, seconds: float, wish: Wish = PAGE, known: Validators = NOTHING_KNOWN
    ) -> AsyncIterator[Got]:
        """The body at *url* as it came, judged by nothing but its size, under the same guard and limits."""
        location = checked(url)
        async with AsyncExitStack() as held:
            yield location if isinstance(location, Failed) else await self._follow(location, seconds, wish, known, held)

    async def close(self) -> None:
        await self._client.aclose()

    async def _verified(self, body: Body) -> Measured | Failed:
        measured = await self._verifier.verify(body.content)
        return replace(measured, validators=body.validators) if isinstance(measured, Measured) else measured

    async def _follow(self, url: str, left: float, wish: Wish, known: Validators, held: AsyncExitStack) -> Got:
        for _ in range(limits.REDIRECTS + 1):
            try:
                answer, took = await self._visit(url, left, wish, known, held)
            except LeftAlone as error:
                return Later(str(error), error.after, blames_host=False, counts=error.counts)
            if not isinstance(answer, Moved):
                return answer
            target = moved(url, answer.location)
            if isinstance(target, Failed):
                return target
            url, left = target, left - took
        return Failed(Failure.REDIRECTS, f"more than {limits.REDIRECTS} redirects")

    async def _visit(
        self, url: str, seconds: float, wish: Wish, known: Validators, held: AsyncExitStack
    ) -> tuple[Answer, float]:
        """One request, to a host that has a place for us, and the seconds it took.

        What came as bytes keeps its place among those that one worker has in hand.
        """
        async with self._hosts.slot(str(ada_url.URL(url).hostname)) as visit, AsyncExitStack() as place:
            await place.enter_async_context(self._places)
            since = time.monotonic()
            answer = await self._within(url, seconds, wish, known)
            blamed = isinstance(answer, Later) and answer.blames_host
            visit.went(well=not blamed, rest=answer.after if isinstance(answer, Later) else None)
            if isinstance(answer, Body):
                held.push_async_callback(place.pop_all().aclose)
            return answer, time.monotonic() - since

    async def _within(self, url: str, seconds: float, wish: Wish, known: Validators) -> Answer:
        try:
            async with asyncio.timeout(seconds):
                return await self._ask(url, seconds, wish, known)
        except TimeoutError:
            return Later(f"it took longer than {seconds:.3g} s")

    async def _ask(self, url: str, seconds: float, wish: Wish, known: Validators) -> Answer:
        waits = httpx.Timeout(
            seconds, connect=min(limits.CONNECT_SECONDS, seconds), read=min(limits.IDLE_SECONDS, seconds)
        )
        try:
            async with self._client.stream("GET", url, headers=_headers(wish, known), timeout=waits) as response:
                return await read(response, url, wish, known)
        except Forbidden as error:
            return Failed(Failure.FORBIDDEN, str(error))
        except (Unresolved, httpcore.TimeoutException, httpcore.NetworkError, httpcore.RemoteProtocolError) as error:
            return Later(f"{type(error).__name__}: {error}"[:300])
        except (httpx.InvalidURL, httpcore.LocalProtocolError, httpcore.UnsupportedProtocol) as error:
            return Failed(Failure.BAD_ADDRESS, str(error)[:300])


def _headers(wish: Wish, known: Validators) -> dict[str, str]:
    said = {
        "Accept": wish.accept,
        "Accept-Encoding": "identity",  # a small compressed body can hold a huge one
        "If-None-Match": known.etag,
        "If-Modified-Since": known.last_modified,
    }
    return {name: value for name, value in said.items() if value}


def host_of(url: str) -> str:
    """The host that *url* leads to first; empty for what is not fetched."""
    location = checked(url)
    return "" if isinstance(location, Failed) else str(ada_url.URL(location).hostname)


def checked(url: str) -> str | Failed:
    """*url* as it is fetched: read once, by the parser that also judged it in the seed."""
    if len(url) > limits.URL_CHARACTERS:
        return Failed(Failure.BAD_ADDRESS, f"it has {len(url):,} characters")
    try:
        parsed = ada_url.URL(url)
    except ValueError:
        return Failed(Failure.BAD_ADDRESS, "it is no address")
    if parsed.protocol not in ("http:", "https:"):
        return Failed(Failure.BAD_ADDRESS, f"{parsed.protocol} is not fetched")
    if parsed.username or parsed.password:
        return Failed(Failure.BAD_ADDRESS, "it carries a user name or a password")
    if not parsed.hostname or parsed.port == "0":
        return Failed(Failure.BAD_ADDRESS, "it names no host or no port")
    parsed.hash = ""
    return str(parsed.href)


def moved(url: str, location: str) -> str | Failed:
    """Where a redirect from *url* leads; every hop is checked like the first."""
    try:
        target = checked(str(ada_url.URL(location, url).href))
    except ValueError:
        return Failed(Failure.REDIRECTS, "a redirect leads to what is no address")
    if isinstance(target, Failed):
        return Failed(Failure.REDIRECTS, f"a redirect leads to an address that is not fetched: {target.why}")
    if url.startswith("https:") and not target.startswith("https:"):
        return Failed(Failure.REDIRECTS, "a redirect leads from https to http")
    return target
