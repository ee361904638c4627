"""What is made from a picture and stored with it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RenderedThumbnail:
    """WebP bytes, and their size in pixels."""

    content: bytes
    width: int
    height: int


@dataclass(frozen=True)
class Derivatives:
    """Thumbnails, narrowest first, a placeholder, and the dominant *colour* as `#rrggbb`."""

    thumbnails: tuple[RenderedThumbnail, ...]
    blurhash: str
    colour: str
