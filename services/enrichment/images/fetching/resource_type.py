"""What kind of resource a request is for, and how much of its body is read."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from services.enrichment.images.limits import MAX_PICTURE_BYTES


class EndFinder(Protocol):
    """Looks at one body while it arrives."""

    def find(self, content: bytes | bytearray) -> int | None:
        """Where what we want of the body ends; None if more has to come."""


@dataclass(frozen=True)
class ResourceType:
    """*accept* is the request header. A body of more than *max_bytes* is cut off there if the type
    *is_truncated*, and otherwise a failure. Reading ends early where the finder finds the end."""

    accept: str
    max_bytes: int
    is_truncated: bool = False
    make_end_finder: Callable[[], EndFinder] | None = None


PICTURE: Final = ResourceType(
    "image/avif,image/webp,image/png,image/jpeg,image/gif", MAX_PICTURE_BYTES
)
