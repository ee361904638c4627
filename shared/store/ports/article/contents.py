"""What is known of a picture's content, by its SHA-256: measured, or derived from it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Thumbnail:
    """A WebP of the picture, upright, never larger than the picture. Pixels and bytes."""

    width: int
    height: int
    size: int


@dataclass(frozen=True)
class Content:
    """One distinct picture. URLs with the same bytes share it."""

    sha256: str
    media_type: str  # image/jpeg, …: read from the bytes
    width: int  # pixels, measured
    height: int
    frames: int
    size: int  # bytes
    colour: str  # `#rrggbb`, the dominant one
    blurhash: str  # a placeholder of some 30 characters: blurha.sh
    thumbnails: tuple[Thumbnail, ...]  # narrowest first, each narrower than the picture
    described_at: datetime

    @property
    def page_key(self) -> str:
        return self.sha256


class Contents(Protocol):
    """Only enrichment/images writes here.

    It writes after the bytes, and before any outcome that refers to them.
    """

    async def save(self, content: Content) -> None:
        """Keep the description; it replaces an earlier one. May be repeated."""

    async def get(self, sha256s: Collection[str]) -> dict[str, Content]:
        """The descriptions of these contents; unknown ones are left out."""

    async def list_page(self, after: str = "", limit: int = 500) -> list[Content]:
        """Descriptions in the order of their hashes, from the first greater than *after*."""

    async def delete(self, sha256: str, described_before: datetime) -> bool:
        """Delete a description unless it was saved since then; returns whether this call did."""
