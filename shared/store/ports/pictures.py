"""Pictures in the store: what is known of an image URL, and the bytes, kept once by their SHA-256."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol


@dataclass(frozen=True)
class Picture:
    """The outcome for one image URL. `cached` pictures have their bytes in the store; `failed` is terminal."""

    url: str
    state: Literal["cached", "failed"]
    checked_at: datetime
    reason: str = ""  # why it failed: a word such as `not-found`, then a sentence
    sha256: str = ""
    media_type: str = ""  # image/jpeg, …: by the bytes, not by the header
    width: int = 0  # pixels, measured
    height: int = 0
    frames: int = 1
    size: int = 0  # bytes
    etag: str = ""  # what the host said of this version, to ask whether it has another
    last_modified: str = ""
    failures: int = 0  # in a row, for good: the more, the longer it is not asked for again
    replaced_at: datetime | None = (
        None  # when it took the place of an outcome that looked otherwise; None: never
    )


class Pictures(Protocol):
    """Written by enrichment/images alone."""

    async def get(self, urls: Collection[str]) -> dict[str, Picture]:
        """What is known of these URLs; unknown ones are left out."""

    async def save(self, picture: Picture, content: bytes | None = None) -> None:
        """Keep *content* under `picture.sha256` first (once), then the outcome for the URL. May be repeated.

        On return the bytes are there, even if they were collected as orphans in between.
        """

    async def note(self, namings: Mapping[str, Collection[str]]) -> None:
        """These articles, by id, name these URLs; what is noted stays. May be repeated."""

    async def naming(self, urls: Collection[str]) -> dict[str, list[str]]:
        """The ids of all articles that were noted to name them, in order, for those of *urls* that any did."""

    async def referred(self, sha256s: Collection[str]) -> set[str]:
        """Those of these contents that the outcome of some URL refers to."""

    async def page(self, after: str = "", limit: int = 500) -> list[Picture]:
        """Outcomes in the order of their URLs greater than *after*."""

    async def counts(self) -> dict[str, int]:
        """`cached`, `failed` (URLs) and `contents` (distinct pictures)."""
