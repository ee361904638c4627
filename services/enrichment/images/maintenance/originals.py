"""Compares the stored bytes of a picture with what the store says of them."""

import hashlib
from dataclasses import dataclass, replace

from services.enrichment.images.decoding.verification import verify_picture
from services.enrichment.images.fetch_outcome import Failure, VerifiedPicture
from shared.store import Picture


@dataclass(frozen=True)
class Original:
    """What the bytes under a hash turn out to be: a picture (without its bytes), or a failure."""

    sha256: str
    size: int
    picture: VerifiedPicture | Failure


@dataclass(frozen=True)
class OriginalFault:
    """Why the stored bytes do not match the picture.

    *corrected* is the picture as its bytes have it. None: the bytes are lost or broken, and only
    fetching them again helps.
    """

    reason: str
    corrected: Picture | None = None


def inspect_original(content: bytes) -> Original:
    """Blocks while it decodes; in a decoding pool it is bounded in time and memory."""
    picture = verify_picture(content)
    if isinstance(picture, VerifiedPicture):
        picture = replace(picture, content=b"")
    return Original(hashlib.sha256(content).hexdigest(), len(content), picture)


def check_original(picture: Picture, original: Original | None) -> OriginalFault | None:
    """What is wrong with a cached picture; None if nothing is. *original* None: no bytes there."""
    if original is None:
        return OriginalFault("its bytes are missing")
    if original.sha256 != picture.sha256:
        return OriginalFault(f"its bytes have another SHA-256 ({original.size:,} bytes)")
    verified = original.picture
    if isinstance(verified, Failure):
        return OriginalFault(f"its bytes are no picture ({verified})")
    corrected = replace(
        picture,
        media_type=verified.media_type,
        width=verified.width,
        height=verified.height,
        frames=verified.frames,
        size=original.size,
    )
    if corrected == picture:
        return None
    reason = f"it was stored as {_describe(picture)} and is {_describe(corrected)}"
    return OriginalFault(reason, corrected)


def _describe(picture: Picture) -> str:
    size = f"{picture.width} x {picture.height}"
    return f"{picture.media_type}, {size}, {picture.frames} frames, {picture.size} bytes"
