"""Fetches the head of an article's page, if its robots.txt allows it, and reads its metadata."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from services.enrichment.images.decoding.process_pool import DecodingPool, DecodingProcessDied
from services.enrichment.images.fetch_outcome import (
    Failure,
    FailureKind,
    FetchOutcome,
    RetryLater,
)
from services.enrichment.images.fetching.http_response import ResponseBody
from services.enrichment.images.fetching.resource_type import ResourceType
from services.enrichment.images.fetching.web_fetcher import WebFetcher
from services.enrichment.images.pages.head_end import HeadEndFinder
from services.enrichment.images.pages.page_metadata import PageMetadata, extract_metadata
from services.enrichment.images.pages.robots import MAX_ROBOTS_BYTES, RobotsPolicy

MAX_HEAD_BYTES: Final = 512 * 1024  # nearly all heads end before 100 KB
PAGE_HEAD: Final = ResourceType(
    "text/html,application/xhtml+xml;q=0.9",
    MAX_HEAD_BYTES,
    is_truncated=True,
    make_end_finder=HeadEndFinder,
)
ROBOTS_TXT: Final = ResourceType("text/plain", MAX_ROBOTS_BYTES, is_truncated=True)
ROBOTS_SHARE: Final = 0.5  # of the seconds that a page may take; spent once a day
_HTML: Final = re.compile(r"text/html|application/xhtml\+xml", re.IGNORECASE)


class PageFetcher:
    """*robots_token* is the name by which robots.txt files address us; *clock* gives seconds that
    only grow.

    Pages are parsed in *pool*: a head of half a megabyte can keep the parser busy for half a
    minute.
    """

    def __init__(
        self, web: WebFetcher, robots_token: str, clock: Callable[[], float], pool: DecodingPool
    ) -> None:
        self._web = web
        self._pool = pool
        self._robots = RobotsPolicy(self._fetch_robots_txt, robots_token, clock)

    @asynccontextmanager
    async def fetch(self, url: str, seconds: float) -> AsyncIterator[FetchOutcome | PageMetadata]:
        """The metadata of the page at *url*, or why there is none.

        Each request may take *seconds*, that for robots.txt a share of them. Raises
        DecoderUnavailable if this machine has no process to parse in.
        """
        check = self._robots.check
        async with self._web.fetch(url, seconds, PAGE_HEAD, check_url=check) as fetched:
            if isinstance(fetched, ResponseBody):
                yield await self._parse(fetched)
            else:
                yield fetched

    async def _fetch_robots_txt(self, url: str, seconds: float) -> bytes | Failure | RetryLater:
        """No robots.txt is consulted about fetching robots.txt."""
        async with self._web.fetch(url, ROBOTS_SHARE * seconds, ROBOTS_TXT) as fetched:
            if isinstance(fetched, ResponseBody):
                return fetched.content
            return fetched if isinstance(fetched, (Failure, RetryLater)) else b""

    async def _parse(self, body: ResponseBody) -> PageMetadata | Failure:
        content_type = body.content_type
        if content_type and not _HTML.match(content_type.strip()):
            return Failure(FailureKind.NOT_A_PAGE, f"it is {content_type[:60]!r}, not HTML")
        work = partial(extract_metadata, content_type=content_type, url=body.url)
        try:
            return await self._pool.run(work, body.content)
        except (DecodingProcessDied, MemoryError) as error:
            why = str(error) or "it takes too much memory"
            return Failure(FailureKind.NOT_A_PAGE, f"it cannot be parsed: {why}")
