"""Reads the head of an article's page, through the guard, hosts and limits of pictures, and after its robots.txt."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import httpcore
import httpx

from services.enrichment.images import limits
from services.enrichment.images.fetching import AGAIN, MOVED, REFUSED, checked, moved, retry_after
from services.enrichment.images.guard import Forbidden, Unresolved
from services.enrichment.images.hosts import Hosts
from services.enrichment.images.outcomes import Failed, Failure, Later
from services.enrichment.images.pages import HEAD_END, Found, find
from services.enrichment.images.queueing import LeftAlone
from services.enrichment.images.robots import BYTES as ROBOTS_BYTES
from services.enrichment.images.robots import Robots

HEADERS: Final = {"Accept": "text/html,application/xhtml+xml;q=0.9", "Accept-Encoding": "identity"}
BYTES: Final = 512 * 1024  # of a page's head: nearly all end before 100 KB
SHARE_OF_ROBOTS: Final = 0.5  # of the time there is; once a day
_HTML: Final = re.compile(r"text/html|application/xhtml\+xml", re.IGNORECASE)


Mark = re.Pattern[bytes] | None
"""What ends the reading."""

Refuse = Callable[[str, float], Awaitable[Failed | Later | None]]


@dataclass(frozen=True)
class Text:
    """The beginning of what is at *url*."""

    url: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class _Moved:
    location: str


class PageReader:
    """*client* goes through the guard; *hosts* are those of the worker's pictures. *clock* gives growing seconds."""

    def __init__(self, client: httpx.AsyncClient, hosts: Hosts, clock: Callable[[], float]) -> None:
        self._client = client
        self._hosts = hosts
        self._robots = Robots(self._rules, clock)

    @asynccontextmanager
    async def found(self, url: str, seconds: float) -> AsyncIterator[Found | Failed | Later]:
        """What the page at *url* says, or why nothing was read; each request may take *seconds*, or a part of them."""
        answer = await self._follow(url, seconds, BYTES, HEAD_END, self._robots.refuse)
        yield _read(answer) if isinstance(answer, Text) else answer

    async def _rules(self, url: str, seconds: float) -> bytes | Failed | Later:
        """A robots.txt file. Nobody is asked whether we may read that."""
        answer = await self._follow(url, SHARE_OF_ROBOTS * seconds, ROBOTS_BYTES, None, _no_refusal)
        return answer.content if isinstance(answer, Text) else answer

    async def _follow(self, url: str, seconds: float, most: int, until: Mark, refuse: Refuse) -> Text | Failed | Later:
        """What is at *url*, or where that leads."""
        location = checked(url)
        for _ in range(limits.REDIRECTS + 1):
            if isinstance(location, Failed):
                return location
            if refusal := await refuse(location, seconds):
                return refusal
            answer = await self._visit(location, seconds, most, until)
            if not isinstance(answer, _Moved):
                return answer
            location = moved(location, answer.location)
        return Failed(Failure.REDIRECTS, f"more than {limits.REDIRECTS} redirects")

    async def _visit(self, url: str, seconds: float, most: int, until: Mark) -> Text | _Moved | Failed | Later:
        """One request, once the host has a place for us."""
        try:
            async with self._hosts.slot(httpx.URL(url).host) as visit:
                answer = await self._ask(url, seconds, most, until)
                visit.went(well=not (isinstance(answer, Later) and answer.blames_host))
                return answer
        except LeftAlone as error:
            return Later(str(error), error.after, blames_host=False, counts=error.counts)

    async def _ask(self, url: str, seconds: float, most: int, until: Mark) -> Text | _Moved | Failed | Later:
        waits = httpx.Timeout(seconds, connect=min(limits.CONNECT_SECONDS, seconds))
        try:
            async with (
                asyncio.timeout(seconds),
                self._client.stream("GET", url, headers=HEADERS, timeout=waits, follow_redirects=False) as response,
            ):
                kind = response.headers.get("content-type", "")
                return _judged(response) or Text(url, kind, await _begun(response, most, until))
        except TimeoutError:
            return Later(f"it took longer than {seconds:.3g} s")
        except Forbidden as error:
            return Failed(Failure.FORBIDDEN, str(error))
        except (Unresolved, httpcore.TimeoutException, httpcore.NetworkError, httpcore.RemoteProtocolError) as error:
            return Later(f"{type(error).__name__}: {error}"[:300])
        except (httpx.InvalidURL, httpcore.LocalProtocolError, httpcore.UnsupportedProtocol) as error:
            return Failed(Failure.BAD_ADDRESS, str(error)[:300])


async def _no_refusal(url: str, seconds: float) -> None:
    return None


def _read(answer: Text) -> Found | Failed:
    if answer.content_type and not _HTML.match(answer.content_type.strip()):
        return Failed(Failure.NOT_A_PAGE, f"it is {answer.content_type[:60]!r}, not HTML")
    return find(answer.content, answer.content_type, answer.url)


def _judged(response: httpx.Response) -> _Moved | Failed | Later | None:
    """What status and headers say already; None: read on."""
    status = response.status_code
    if status in MOVED:
        location = response.headers.get("location")
        return _Moved(location) if location else Failed(Failure.REDIRECTS, "a redirect leads nowhere")
    if status in AGAIN or status >= 500:
        return Later(f"the host answered {status}", retry_after(response.headers.get("retry-after")))
    if status != 200:
        refused = Failure.FORBIDDEN if status in REFUSED else Failure.STATUS
        return Failed(Failure.NOT_FOUND if status in (404, 410) else refused, f"the host answered {status}")
    if response.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        return Failed(Failure.ENCODED, "the host sent it compressed, though we asked for it plain")
    return None


async def _begun(response: httpx.Response, most: int, until: Mark) -> bytes:
    """At most *most* bytes, no more than are needed to see *until*: the rest is never asked for."""
    body = bytearray()
    async for chunk in response.aiter_raw():
        seen = max(0, len(body) - 16)
        body += chunk[: most - len(body)]
        if len(body) >= most or (until is not None and until.search(body, seen)):
            break
    return bytes(body)
