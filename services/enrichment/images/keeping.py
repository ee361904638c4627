"""Keeps outcomes: of a picture its bytes, what is made from them, and what is known of both; of a page what it names.

Original, thumbnails, description, and only then the outcome of the URL: a death in between leaves what no outcome
refers to, and nothing that refers to what is not there. All of it may be repeated.
"""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final

from services.enrichment.images.derivation import Derived, Rendered, derive
from services.enrichment.images.outcomes import Failed, Failure, Measured
from services.enrichment.images.pages import Found
from services.enrichment.images.pool import Died, Pool
from services.enrichment.images.wants import PAGE
from shared.store import Content, Page, Picture, Store, Thumbnail, thumbnail_name

Kept = Measured | Found | Failed
Keep = Callable[[str, Kept, datetime, Store], Awaitable[None]]
"""Keeps the outcome of a URL, reached at that time. Raises StoreAway; may be repeated."""

_BROKEN: Final = (OSError, ValueError, SyntaxError, EOFError, IndexError, TypeError, KeyError)


async def save(url: str, outcome: Kept, at: datetime, store: Store) -> None:
    """The outcome alone, with the bytes of a picture."""
    if url.startswith(PAGE):
        await store.pages.save(_page(url.removeprefix(PAGE), outcome, at))
    elif isinstance(outcome, Measured):
        await store.pictures.save(_picture(url, outcome, at), outcome.content)
    else:
        await store.pictures.save(Picture(url, "failed", at, reason=str(outcome)))


class Keeper:
    """Keeps pictures with their thumbnails, which it has made in *pool*."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def keep(self, url: str, outcome: Kept, at: datetime, store: Store) -> None:
        """As `save`, thumbnails and description before; a picture that nothing can be made from has failed."""
        if isinstance(outcome, Measured):
            derived = await self.derived(outcome.content)
            if isinstance(derived, Failed):
                outcome = derived
            else:
                await describe(outcome, derived, at, store)
        await save(url, outcome, at, store)

    async def derived(self, content: bytes) -> Derived | Failed:
        """What is made from a picture, or why nothing is."""
        try:
            return await self._pool.run(derive, content)
        except Died as error:
            return Failed(Failure.BROKEN, f"no thumbnail could be made: {error}")
        except MemoryError:
            return Failed(Failure.TOO_LARGE, "no thumbnail could be made: it takes too much memory")
        except _BROKEN as error:
            return Failed(Failure.BROKEN, f"no thumbnail could be made: {str(error)[:200] or type(error).__name__}")


async def describe(picture: Measured, derived: Derived, at: datetime, store: Store) -> None:
    """Keep original and thumbnails, and then what is known of them."""
    sha256 = hashlib.sha256(picture.content).hexdigest()
    await store.bytes.put(sha256, picture.content)
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


def _picture(url: str, outcome: Measured, at: datetime) -> Picture:
    return Picture(
        url=url,
        state="cached",
        checked_at=at,
        sha256=hashlib.sha256(outcome.content).hexdigest(),
        media_type=outcome.media_type,
        width=outcome.width,
        height=outcome.height,
        frames=outcome.frames,
        size=len(outcome.content),
    )


def _page(url: str, outcome: Kept, at: datetime) -> Page:
    if isinstance(outcome, Found):
        return Page(url, "read", at, images=outcome.images, amp_url=outcome.amp_url)
    return Page(url, "failed", at, reason=str(outcome))
