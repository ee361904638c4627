"""Fetches pictures and verifies them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from services.enrichment.images.decoding.verification import PictureVerifier
from services.enrichment.images.fetch_outcome import (
    NO_VALIDATORS,
    FetchOutcome,
    Validators,
    VerifiedPicture,
)
from services.enrichment.images.fetching.http_response import ResponseBody
from services.enrichment.images.fetching.resource_type import PICTURE
from services.enrichment.images.fetching.web_fetcher import WebFetcher
from shared.store import Store


class PictureFetcher:
    def __init__(self, web: WebFetcher, verifier: PictureVerifier) -> None:
        self._web = web
        self._verifier = verifier

    @asynccontextmanager
    async def fetch(
        self,
        url: str,
        seconds: float,
        validators: Validators = NO_VALIDATORS,
        store: Store | None = None,
    ) -> AsyncIterator[FetchOutcome]:
        """The picture at *url*, or why there is none.

        NotModified if the host has no other version than that of *validators*. The bytes count
        against the worker's limits until the block is left. *store*, if given, counts the
        decodings that end a process. Raises DecoderUnavailable if this machine has no process to
        decode in, and StoreUnavailable.
        """
        async with self._web.fetch(url, seconds, PICTURE, validators) as fetched:
            if isinstance(fetched, ResponseBody):
                yield await self._verify(fetched, url, store)
            else:
                yield fetched

    async def _verify(self, body: ResponseBody, url: str, store: Store | None) -> FetchOutcome:
        picture = await self._verifier.verify(body.content, url, store)
        if isinstance(picture, VerifiedPicture):
            return replace(picture, validators=body.validators)
        return picture
