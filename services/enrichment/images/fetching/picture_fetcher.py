"""Fetches pictures and verifies them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from services.enrichment.images.decoding.verification import PictureVerifier
from services.enrichment.images.fetch_outcome import (
    NO_VALIDATORS,
    Failure,
    FetchOutcome,
    Validators,
    VerifiedPicture,
)
from services.enrichment.images.fetching.http_response import ResponseBody
from services.enrichment.images.fetching.resource_type import PICTURE
from services.enrichment.images.fetching.web_fetcher import WebFetcher


class PictureFetcher:
    def __init__(self, web: WebFetcher, verifier: PictureVerifier) -> None:
        self._web = web
        self._verifier = verifier

    @asynccontextmanager
    async def fetch(
        self, url: str, seconds: float, validators: Validators = NO_VALIDATORS
    ) -> AsyncIterator[FetchOutcome]:
        """The picture at *url*, or why there is none.

        NotModified if the host has no other version than that of *validators*. The bytes count
        against the worker's limits until the block is left. Raises DecoderUnavailable if
        this machine has no process to decode in.
        """
        async with self._web.fetch(url, seconds, PICTURE, validators) as fetched:
            if isinstance(fetched, ResponseBody):
                yield await self._verify(fetched)
            else:
                yield fetched

    async def _verify(self, body: ResponseBody) -> VerifiedPicture | Failure:
        picture = await self._verifier.verify(body.content)
        if isinstance(picture, Failure):
            return picture
        return replace(picture, validators=body.validators)
