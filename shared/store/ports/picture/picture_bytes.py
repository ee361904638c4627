"""Where the bytes of pictures are kept, under names that follow from their content.

One narrow port with three adapters: GridFS in MongoDB, files beside SQLite, an S3-compatible
bucket. A name is the SHA-256 of the original in hexadecimal; a thumbnail has its width added: `…`,
`….320`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class StoredBytes:
    """One entry of a listing.

    *stored_at* is when these bytes were last put, even if they were there already.
    """

    name: str
    size: int
    stored_at: datetime

    @property
    def sha256(self) -> str:
        """The hash of the original that this is, or belongs to."""
        return self.name.partition(".")[0]

    @property
    def is_original(self) -> bool:
        return "." not in self.name

    @property
    def page_key(self) -> str:
        return self.name


def thumbnail_name(sha256: str, width: int) -> str:
    """The name of the thumbnail of that width in pixels."""
    return f"{sha256}.{width}"


class PictureBytes(Protocol):
    """Every call may raise `StoreUnavailable`, and may be repeated.

    No reader ever gets incomplete bytes.
    """

    async def open(self) -> None: ...
    async def close(self) -> None: ...

    @property
    def address(self) -> str:
        """For people: without passwords."""

    async def put(self, name: str, content: bytes) -> None:
        """Keep *content* once.

        Bytes of the same length that are there already stay, and count as put now.
        """

    async def get(self, name: str) -> bytes | None:
        """The bytes, or None if there are none."""

    async def get_size(self, name: str) -> int | None:
        """How many bytes are kept under *name*, or None."""

    async def delete(self, name: str, stored_before: datetime) -> bool:
        """Delete the bytes unless they were put since then; returns whether this call did."""

    async def list_page(self, after: str = "", limit: int = 500) -> list[StoredBytes]:
        """What is kept, in the order of names, from the first greater than *after*."""

    async def sweep_leftovers(self, begun_before: datetime, remove: bool) -> int:
        """Count what writers left behind that died half-way; with *remove*, delete it too.

        Only what was begun before that time counts: younger writers may be alive.
        """
