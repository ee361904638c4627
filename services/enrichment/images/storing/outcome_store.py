"""The register of outcomes: what the store knows of pictures and pages, under the names by which they are asked for."""

import hashlib
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from services.enrichment.images.fetching.fetch_outcome import Measured, Outcome
from services.enrichment.images.pages.page_metadata import Found
from services.enrichment.images.scheduling.fetch_job import Errand
from services.enrichment.images.scheduling.required_urls import PAGE
from services.enrichment.images.storing.image_store import Prepare, page_of
from shared.store import Page, Picture, Store


class Register:
    """*prepare* keeps what belongs to a picture before its outcome is entered."""

    def __init__(self, prepare: Prepare) -> None:
        self._prepare = prepare

    async def enter(
        self, errand: Errand, outcome: Outcome | Found, at: datetime, store: Store
    ) -> None:
        """A picture that is kept, and what was read of a page, stay so, whatever becomes of asking for them again."""
        if errand.url.startswith(PAGE):
            page = page_of(errand.url.removeprefix(PAGE), outcome, at)
            if (
                page.state == "failed"
                and isinstance(errand.known, Page)
                and errand.known.state == "read"
            ):
                page = replace(errand.known, checked_at=at)
            await store.pages.save(page)
            return
        if isinstance(outcome, Measured):
            outcome = await self._prepare(outcome, at, store)
        if isinstance(outcome, Measured):
            picture = _picture(errand.url, outcome, at)
            picture = replace(picture, replaced_at=_replaced_at(errand.known, picture))
            await store.pictures.save(picture, outcome.content)
        elif errand.kept is not None:
            await store.pictures.save(replace(errand.kept, checked_at=at))
        else:
            failed = Picture(
                errand.url, "failed", at, reason=str(outcome), failures=errand.failures + 1
            )
            await store.pictures.save(failed)


async def known(urls: Collection[str], store: Store) -> dict[str, Picture | Page]:
    """The outcomes of pictures and pages, under the names by which they are asked for."""
    pictures = await store.pictures.get([url for url in urls if not url.startswith(PAGE)])
    addresses = [url.removeprefix(PAGE) for url in urls if url.startswith(PAGE)]
    pages = await store.pages.get(addresses) if addresses else {}
    return {**pictures, **{PAGE + address: page for address, page in pages.items()}}


def _picture(url: str, measured: Measured, at: datetime) -> Picture:
    return Picture(
        url=url,
        state="cached",
        checked_at=at,
        sha256=hashlib.sha256(measured.content).hexdigest(),
        media_type=measured.media_type,
        width=measured.width,
        height=measured.height,
        frames=measured.frames,
        size=len(measured.content),
        etag=measured.validators.etag,
        last_modified=measured.validators.last_modified,
    )


def _replaced_at(before: Picture | Page | None, after: Picture) -> datetime | None:
    """Articles that showed the outcome *before* show another now, unless it has the same bytes."""
    if not isinstance(before, Picture):
        return None
    return before.replaced_at if before.sha256 == after.sha256 else after.checked_at
