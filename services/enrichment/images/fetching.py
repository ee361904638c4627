"""Fetches one picture URL from the open web: in bounded time and memory, to a typed outcome, never an exception."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final

import ada_url
import httpcore
import httpx

from services.enrichment.images import limits
from services.enrichment.images.guard import Forbidden, Guard, Unresolved
from services.enrichment.images.hosts import Hosts
from services.enrichment.images.outcomes import Failed, Failure, Later, Outcome
from services.enrichment.images.queueing import LeftAlone
from services.enrichment.images.transport import GuardedTransport
from services.enrichment.images.verification import Verifier
from shared.clock import now

HEADERS: Final = {
    "User-Agent": "Seedwire/0.1 (news pictures)",
    "Accept": "image/avif,image/webp,image/png,image/jpeg,image/gif",
    "Accept-Encoding": "identity",  # a small compressed body can hold a huge one
}
MOVED: Final = frozenset({301, 302, 303, 307, 308})
AGAIN: Final = frozenset({408, 425, 429})
REFUSED: Final = frozenset({401, 402, 403, 407, 451})

Answer = bytes | str | Failed | Later
"""The body, or where it moved to, or why there is none."""


class Fetcher:
    """One worker's way to the web."""

    def __init__(self, guard: Guard, hosts: Hosts, verifier: Verifier, at_once: int) -> None:
        self._hosts = hosts
        self._verifier = verifier
        self._places = asyncio.Semaphore(at_once)
        self._client = httpx.AsyncClient(
            transport=GuardedTransport(guard, at_once),
            headers=HEADERS,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            trust_env=False,
        )

    @asynccontextmanager
    async def fetched(self, url: str, seconds: float) -> AsyncIterator[Outcome]:
        """The picture at *url*, or why not, within *seconds* once its hosts have a connection free for us.

        Its bytes count against what one worker may hold until the block is left.
        """
        location = checked(url)
        async with AsyncExitStack() as held:
            yield location if isinstance(location, Failed) else await self._outcome(location, seconds, held)

    async def close(self) -> None:
        await self._client.aclose()

    async def _outcome(self, url: str, seconds: float, held: AsyncExitStack) -> Outcome:
        left = seconds
        for _ in range(limits.REDIRECTS + 1):
            try:
                answer, took = await self._visit(url, left, held)
            except LeftAlone as error:
                return Later(str(error), error.after, blames_host=False, counts=error.counts)
            if isinstance(answer, bytes):
                return await self._verifier.verify(answer)
            target = moved(url, answer) if isinstance(answer, str) else answer
            if not isinstance(target, str):
                return target
            url, left = target, left - took
        return Failed(Failure.REDIRECTS, f"more than {limits.REDIRECTS} redirects")

    async def _visit(self, url: str, seconds: float, held: AsyncExitStack) -> tuple[Answer, float]:
        """One request, to a host that has a place for us, and the seconds it took.

        What came as bytes keeps its place among those that one worker has in hand.
        """
        async with self._hosts.slot(httpx.URL(url).host) as visit, AsyncExitStack() as place:
            await place.enter_async_context(self._places)
            since = time.monotonic()
            answer = await self._within(url, seconds)
            visit.went(well=not (isinstance(answer, Later) and answer.blames_host))
            if isinstance(answer, bytes):
                held.push_async_callback(place.pop_all().aclose)
            return answer, time.monotonic() - since

    async def _within(self, url: str, seconds: float) -> Answer:
        try:
            async with asyncio.timeout(seconds):
                return await self._ask(url, seconds)
        except TimeoutError:
            return Later(f"it took longer than {seconds:.3g} s")

    async def _ask(self, url: str, seconds: float) -> Answer:
        waits = httpx.Timeout(
            seconds, connect=min(limits.CONNECT_SECONDS, seconds), read=min(limits.IDLE_SECONDS, seconds)
        )
        try:
            async with self._client.stream("GET", url, timeout=waits, follow_redirects=False) as response:
                return _judged(response) or await _body(response)
        except Forbidden as error:
            return Failed(Failure.FORBIDDEN, str(error))
        except (Unresolved, httpcore.TimeoutException, httpcore.NetworkError, httpcore.RemoteProtocolError) as error:
            return Later(f"{type(error).__name__}: {error}"[:300])
        except (httpx.InvalidURL, httpcore.LocalProtocolError, httpcore.UnsupportedProtocol) as error:
            return Failed(Failure.BAD_ADDRESS, str(error)[:300])


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


def _judged(response: httpx.Response) -> str | Failed | Later | None:
    """What status and headers say already; None: read the body."""
    status = response.status_code
    if status in MOVED:
        return response.headers.get("location") or Failed(Failure.REDIRECTS, "a redirect leads nowhere")
    if status in AGAIN or status >= 500:
        return Later(f"the host answered {status}", retry_after(response.headers.get("retry-after")))
    if status != 200:
        return Failed(_failure(status), f"the host answered {status}")
    if response.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        return Failed(Failure.ENCODED, "the host sent it compressed, though we asked for it plain")
    length = response.headers.get("content-length", "")
    if length.isdecimal() and int(length[:20]) > limits.BYTES:
        return Failed(Failure.TOO_LARGE, f"it has {length[:20]} bytes")
    return None


def _failure(status: int) -> Failure:
    if status in (404, 410):
        return Failure.NOT_FOUND
    return Failure.FORBIDDEN if status in REFUSED else Failure.STATUS


async def _body(response: httpx.Response) -> bytes | Failed:
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > limits.BYTES:
            return Failed(Failure.TOO_LARGE, f"it has more than {limits.BYTES:,} bytes")
    return bytes(body)


def retry_after(header: str | None) -> float | None:
    """Seconds that a Retry-After header asks for, as a number or a date; None if it says nothing sensible."""
    if not header:
        return None
    text = header.strip()
    if text.lstrip("-").isdecimal():
        return float(min(max(int(text[:12]), 0), limits.LONGEST_PAUSE_SECONDS))
    try:
        asked = (parsedate_to_datetime(text) - now()).total_seconds()
    except (ValueError, TypeError):
        return None
    return min(max(asked, 0.0), limits.LONGEST_PAUSE_SECONDS)
