"""What is known of a picture's content, by its SHA-256: as measured, and what was derived from it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Thumbnail:
    """A WebP of the picture, upright, never larger than it. Pixels and bytes."""

    width: int
    height: int
    size: int


@dataclass(frozen=True)
class Content:
    """One distinct picture. Two URLs with the same bytes share it."""

    sha256: str
    media_type: str  # image/jpeg, …: by the bytes
    width: int  # pixels, measured
    height: int
    frames: int
    size: int  # bytes
    colour: str  # `#rrggbb`, the dominant one
    blurhash: str  # a placeholder of some 30 characters: blurha.sh
    thumbnails: tuple[Thumbnail, ...]  # narrowest first; none that would be as wide as the picture
    described_at: datetime


class Contents(Protocol):
    """Written by enrichment/images alone, after the bytes and before any outcome that refers to them."""

    async def describe(self, content: Content) -> None:
        """Keep what is known; a later description takes the place of an earlier one. May be repeated."""

    async def get(self, sha256s: Collection[str]) -> dict[str, Content]:
        """What is known of these; unknown ones are left out."""

    async def page(self, after: str = "", limit: int = 500) -> list[Content]:
        """Descriptions in the order of their hashes greater than *after*."""

    async def forget(self, sha256: str, described_before: datetime) -> bool:
        """Delete a description, unless it was made anew since; says whether this call did."""
