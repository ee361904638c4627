"""Stores the content of a picture: its bytes, its thumbnails, and the description of both.

They are written before the outcome of the URL, which refers to them. A crash in between leaves
content that nothing refers to, never a reference to content that is missing.
"""

import hashlib
from datetime import datetime

from services.enrichment.images.decoding.derivatives import Derivatives
from services.enrichment.images.fetch_outcome import VerifiedPicture
from shared import failpoints
from shared.store import Content, Store, Thumbnail, thumbnail_name


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
