"""Keeps what belongs to a picture before its outcome is saved: bytes, what is made from them, what is known of both.

Original, thumbnails, description, and only then, by the desk, the outcome of the URL: a death in between leaves what no
outcome refers to, and nothing that refers to what is not there. All of it may be repeated.
"""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from services.enrichment.images.decoding.process_pool import Died, Pool
from services.enrichment.images.decoding.thumbnails import Derived, Rendered, derive
from services.enrichment.images.decoding.verification import BROKEN
from services.enrichment.images.fetching.fetch_outcome import Failed, Failure, Measured
from services.enrichment.images.pages.page_metadata import Found
from shared import failpoints
from shared.store import Content, Page, Store, Thumbnail, thumbnail_name

Prepare = Callable[[Measured, datetime, Store], Awaitable[Measured | Failed]]
"""Keeps what belongs to a picture that was fetched at that time, or says why it has failed. Raises StoreAway."""


async def as_it_came(picture: Measured, at: datetime, store: Store) -> Measured | Failed:
    """Nothing is made from it."""
    return picture


class Keeper:
    """Keeps pictures with their thumbnails, which it has made in *pool*."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def prepare(self, picture: Measured, at: datetime, store: Store) -> Measured | Failed:
        """Keep thumbnails and description; a picture that nothing can be made from has failed."""
        derived = await self.derived(picture.content)
        if isinstance(derived, Failed):
            return derived
        await describe(picture, derived, at, store)
        return picture

    async def derived(self, content: bytes) -> Derived | Failed:
        """What is made from a picture, or why nothing is."""
        try:
            return await self._pool.run(derived, content)
        except Died as error:
            return Failed(Failure.BROKEN, f"no thumbnail could be made: {error}")


def derived(content: bytes) -> Derived | Failed:
    """What is made from a picture, or why nothing is: said where it is made, so that no trouble of ours is its own."""
    try:
        return derive(content)
    except MemoryError:
        return Failed(Failure.TOO_LARGE, "no thumbnail could be made: it takes too much memory")
    except BROKEN as error:
        return Failed(
            Failure.BROKEN,
            f"no thumbnail could be made: {str(error)[:200] or type(error).__name__}",
        )


def page_of(url: str, outcome: object, at: datetime) -> Page:
    """The outcome of a page, as it is stored."""
    if isinstance(outcome, Found):
        return Page(url, "read", at, images=outcome.images, amp_url=outcome.amp_url)
    return Page(url, "failed", at, reason=str(outcome))


async def describe(picture: Measured, derived: Derived, at: datetime, store: Store) -> None:
    """Keep original and thumbnails, and then what is known of them."""
    sha256 = hashlib.sha256(picture.content).hexdigest()
    await store.bytes.put(sha256, picture.content)
    await failpoints.reached("blob")
    for thumbnail in derived.thumbnails:
        await store.bytes.put(thumbnail_name(sha256, thumbnail.width), thumbnail.content)
    content = Content(
        sha256=sha256,
        media_type=picture.media_type,
        width=picture.width,
        height=picture.height,
        frames=picture.frames,
        size=len(picture.content),
        colour=derived.colour,
        blurhash=derived.blurhash,
        thumbnails=_sizes(derived.thumbnails),
        described_at=at,
    )
    await store.contents.describe(content)


def _sizes(thumbnails: Sequence[Rendered]) -> tuple[Thumbnail, ...]:
    return tuple(Thumbnail(one.width, one.height, len(one.content)) for one in thumbnails)
