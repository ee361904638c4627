"""Where the bytes of pictures are kept: by a name that follows from their content, whole or not at all.

One narrow port, three places behind it: GridFS in MongoDB, files beside SQLite, an S3-compatible bucket. A name is the
SHA-256 of the original in hexadecimal, or that and a width for a thumbnail of it: `…`, `….320`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class KeptBytes:
    """One entry of a listing. *kept_at*: when these bytes were last put, also if they were there already."""

    name: str
    size: int
    kept_at: datetime

    @property
    def sha256(self) -> str:
        """Of the original that this is, or belongs to."""
        return self.name.partition(".")[0]

    @property
    def is_original(self) -> bool:
        return "." not in self.name


def thumbnail_name(sha256: str, width: int) -> str:
    """The name of the thumbnail of that width in pixels."""
    return f"{sha256}.{width}"


class PictureBytes(Protocol):
    """Every call may raise `StoreAway`, and may be repeated. Nobody ever reads half of what was put."""

    async def open(self) -> None: ...
    async def close(self) -> None: ...

    @property
    def address(self) -> str:
        """For people: without passwords."""

    async def put(self, name: str, content: bytes) -> None:
        """Keep *content* once. What is there already, of the same length, stays and counts as put now."""

    async def get(self, name: str) -> bytes | None:
        """The bytes, or None if they are not there."""

    async def size(self, name: str) -> int | None:
        """How many bytes are kept under *name*, or None."""

    async def delete(self, name: str, kept_before: datetime) -> bool:
        """Delete it, unless it was put (again) since; says whether it is gone now by this call."""

    async def page(self, after: str = "", limit: int = 500) -> list[KeptBytes]:
        """What is kept, in the order of names greater than *after*."""

    async def leftovers(self, before: datetime, remove: bool) -> int:
        """How many pieces writers left that died half-way, begun before that time; *remove* them, or only count."""
