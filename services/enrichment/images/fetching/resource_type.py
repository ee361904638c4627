"""What kind of resource a request is for, and how much of its body is read."""

import re
from dataclasses import dataclass
from typing import Final

from services.enrichment.images.limits import MAX_PICTURE_BYTES


@dataclass(frozen=True)
class ResourceType:
    """*accept* is the request header. A body of more than *max_bytes* is cut off there if the type
    *is_truncated*, and otherwise a failure. Reading ends early where *end* matches."""

    accept: str
    max_bytes: int
    is_truncated: bool = False
    end: re.Pattern[bytes] | None = None


PICTURE: Final = ResourceType(
    "image/avif,image/webp,image/png,image/jpeg,image/gif", MAX_PICTURE_BYTES
)
