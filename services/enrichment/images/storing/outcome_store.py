"""Stores and loads the outcomes of fetches, under the keys of pictures and pages."""

import hashlib
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from services.enrichment.images.fetch_outcome import FetchOutcome, VerifiedPicture
from services.enrichment.images.fetching.fetch_keys import is_page_key, page_key, url_of
from services.enrichment.images.pages.page_metadata import PageMetadata
from services.enrichment.images.scheduling.fetch_job import FetchJob
from services.enrichment.images.storing.picture_contents import save_content
from shared.store import Picture, Store, WebPage


async def load_outcomes(keys: Collection[str], store: Store) -> dict[str, Picture | WebPage]:
    """The stored outcomes, by key; keys without one are left out."""
    picture_urls = [key for key in keys if not is_page_key(key)]
    page_urls = [url_of(key) for key in keys if is_page_key(key)]
    outcomes: dict[str, Picture | WebPage] = {}
    outcomes |= await store.pictures.get(picture_urls)
    if page_urls:
        for url, page in (await store.web_pages.get(page_urls)).items():
            outcomes[page_key(url)] = page
    return outcomes


async def save_outcome(
    job: FetchJob, outcome: FetchOutcome | PageMetadata, at: datetime, store: Store
) -> None:
    """Save the outcome of *job*, of a picture its content first. May be repeated.

    A later failure replaces neither a cached picture nor what was read of a page.
    """
    if is_page_key(job.key):
        await store.web_pages.save(_build_page(job, outcome, at))
    elif isinstance(outcome, VerifiedPicture):
        if outcome.derivatives is not None:
            await save_content(outcome, outcome.derivatives, at, store)
        await store.pictures.save(_build_picture(job, outcome, at), outcome.content)
    elif job.cached_picture is not None:
        await store.pictures.save(replace(job.cached_picture, checked_at=at))
    else:
        failures = job.failures + 1
        failed = Picture(job.key, "failed", at, reason=str(outcome), failures=failures)
        await store.pictures.save(failed)


def _build_page(job: FetchJob, outcome: FetchOutcome | PageMetadata, at: datetime) -> WebPage:
    url = url_of(job.key)
    if isinstance(outcome, PageMetadata):
        return WebPage(url, "read", at, images=outcome.images, amp_url=outcome.amp_url)
    if isinstance(job.outcome, WebPage) and job.outcome.state == "read":
        return replace(job.outcome, checked_at=at)
    return WebPage(url, "failed", at, reason=str(outcome))


def _build_picture(job: FetchJob, verified: VerifiedPicture, at: datetime) -> Picture:
    picture = Picture(
        url=job.key,
        state="cached",
        checked_at=at,
        sha256=hashlib.sha256(verified.content).hexdigest(),
        media_type=verified.media_type,
        width=verified.width,
        height=verified.height,
        frames=verified.frames,
        size=len(verified.content),
        etag=verified.validators.etag,
        last_modified=verified.validators.last_modified,
    )
    return replace(picture, replaced_at=_replaced_at(job.outcome, picture))


def _replaced_at(before: Picture | WebPage | None, after: Picture) -> datetime | None:
    """When articles that showed *before* began to show something else: now, unless the bytes are
    the same."""
    if not isinstance(before, Picture):
        return None
    if before.sha256 == after.sha256:
        return before.replaced_at
    return after.checked_at
