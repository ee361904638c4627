"""Reads the head of an article's page, through the guard, hosts and limits of pictures, and after its robots.txt."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from services.enrichment.images.decoding.process_pool import Died, Pool
from services.enrichment.images.fetching.fetch_outcome import Failed, Failure, Later, Outcome
from services.enrichment.images.fetching.http_response import Body, Wish
from services.enrichment.images.fetching.picture_fetcher import Fetcher
from services.enrichment.images.pages.page_metadata import HEAD_END, Found, find
from services.enrichment.images.pages.robots import BYTES as ROBOTS_BYTES
from services.enrichment.images.pages.robots import Robots

BYTES: Final = 512 * 1024  # of a page's head: nearly all end before 100 KB
HEAD: Final = Wish("text/html,application/xhtml+xml;q=0.9", BYTES, cut=True, until=HEAD_END)
RULES: Final = Wish("text/plain", ROBOTS_BYTES, cut=True)
SHARE_OF_ROBOTS: Final = 0.5  # of the time there is; once a day
_HTML: Final = re.compile(r"text/html|application/xhtml\+xml", re.IGNORECASE)


class PageReader:
    """*token* is the name that robots.txt files know us by; *clock* gives seconds that only grow.

    Pages are parsed in *pool*: a head of half a megabyte can keep the parser busy for half a minute.
    """

    def __init__(
        self, fetcher: Fetcher, token: str, clock: Callable[[], float], pool: Pool
    ) -> None:
        self._fetcher = fetcher
        self._pool = pool
        self._robots = Robots(self._rules, token, clock)

    @asynccontextmanager
    async def found(self, url: str, seconds: float) -> AsyncIterator[Outcome | Found]:
        """What the page at *url* says, or why nothing was read; each request may take *seconds*, or a part of them."""
        async with self._fetcher.got(url, seconds, HEAD, veto=self._robots.refuse) as got:
            yield await self._read(got) if isinstance(got, Body) else got

    async def _rules(self, url: str, seconds: float) -> bytes | Failed | Later:
        """A robots.txt file. Nobody is asked whether we may read that."""
        async with self._fetcher.got(url, SHARE_OF_ROBOTS * seconds, RULES) as got:
            if isinstance(got, Body):
                return got.content
            return got if isinstance(got, (Failed, Later)) else b""

    async def _read(self, body: Body) -> Found | Failed:
        if body.content_type and not _HTML.match(body.content_type.strip()):
            return Failed(Failure.NOT_A_PAGE, f"it is {body.content_type[:60]!r}, not HTML")
        work = partial(find, content_type=body.content_type, url=body.url)
        try:
            return await self._pool.run(work, body.content)
        except (Died, MemoryError) as error:
            return Failed(
                Failure.NOT_A_PAGE,
                f"it cannot be parsed: {str(error) or 'it takes too much memory'}",
            )
