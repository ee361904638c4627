"""Stores the content of a picture: its bytes, its thumbnails, and the description of both.

They are written before the outcome of the URL, which refers to them. A crash in between leaves
content that nothing refers to, never a reference to content that is missing.
"""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial

from services.enrichment.images.decoding.crash_counts import CountedDecoder
from services.enrichment.images.decoding.process_pool import DecodingPool, Run
from services.enrichment.images.decoding.thumbnails import (
    Derivatives,
    make_derivatives_in_pool,
)
from services.enrichment.images.fetch_outcome import Failure, VerifiedPicture
from shared import failpoints
from shared.store import Content, Store, Thumbnail, thumbnail_name

StorePicture = Callable[[VerifiedPicture, datetime, Store], Awaitable[VerifiedPicture | Failure]]
"""Stores the content of a picture fetched at that time; returns the picture, or why it failed.

Raises StoreUnavailable; may be repeated.
"""


async def store_nothing(
    picture: VerifiedPicture, at: datetime, store: Store
) -> VerifiedPicture | Failure:
    """A StorePicture for those who need no thumbnails: the outcome alone keeps the bytes."""
    return picture


class ImageStore:
    """Stores pictures with their thumbnails, which are made in *pool*."""

    def __init__(self, pool: DecodingPool) -> None:
        self._pool = pool
        self._decoder = CountedDecoder(pool)

    async def store_picture(
        self, picture: VerifiedPicture, at: datetime, store: Store
    ) -> VerifiedPicture | Failure:
        """A StorePicture. A picture that has no derivatives has failed, and nothing is stored."""
        run: Run[Derivatives | Failure] = self._pool.run
        if picture.url:
            run = partial(self._decoder.run, url=picture.url, store=store)
        derivatives = await make_derivatives_in_pool(picture.content, run)
        if isinstance(derivatives, Failure):
            return derivatives
        await save_content(picture, derivatives, at, store)
        return picture


async def save_content(
    picture: VerifiedPicture, derivatives: Derivatives, at: datetime, store: Store
) -> None:
    """Save the original, then the thumbnails, then the description. May be repeated."""
    sha256 = hashlib.sha256(picture.content).hexdigest()
    await store.picture_bytes.put(sha256, picture.content)
    await failpoints.hit("blob")
    thumbnails: list[Thumbnail] = []
    for rendered in derivatives.thumbnails:
        await store.picture_bytes.put(thumbnail_name(sha256, rendered.width), rendered.content)
        thumbnails.append(Thumbnail(rendered.width, rendered.height, len(rendered.content)))
    content = Content(
        sha256=sha256,
        media_type=picture.media_type,
        width=picture.width,
        height=picture.height,
        frames=picture.frames,
        size=len(picture.content),
        colour=derivatives.colour,
        blurhash=derivatives.blurhash,
        thumbnails=tuple(thumbnails),
        described_at=at,
    )
    await store.contents.save(content)
