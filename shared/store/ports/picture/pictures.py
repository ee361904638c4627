"""Pictures in the store: what is known of each image URL, and which articles name it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol


@dataclass(frozen=True)
class Picture:
    """The outcome for one image URL.

    The bytes of `cached` pictures are in the store; `failed` is final.
    """

    url: str
    state: Literal["cached", "failed"]
    checked_at: datetime
    reason: str = ""  # why it failed: a word such as `not-found`, then a sentence
    sha256: str = ""
    media_type: str = ""  # image/jpeg, …: read from the bytes, not from the header
    width: int = 0  # pixels, measured
    height: int = 0
    frames: int = 1
    size: int = 0  # bytes
    etag: str = ""  # the validators that the host sent with this version
    last_modified: str = ""
    failures: int = 0  # final failures in a row: the more, the later the next attempt
    replaced_at: datetime | None = None  # when it replaced an outcome that looked different

    @property
    def page_key(self) -> str:
        return self.url


class Pictures(Protocol):
    """Only enrichment/images writes here."""

    async def get(self, urls: Collection[str]) -> dict[str, Picture]:
        """The outcomes for these URLs; unknown ones are left out."""

    async def save(self, picture: Picture, content: bytes | None = None) -> None:
        """Keep *content* under `picture.sha256` first (once), then the outcome for the URL.

        When the call returns the bytes are there, even if garbage collection removed them in
        between. May be repeated.
        """

    async def add_references(self, urls_by_article: Mapping[str, Collection[str]]) -> None:
        """Record that these articles, by id, name these URLs, beside what was recorded before.

        May be repeated.
        """

    async def find_referring_articles(self, urls: Collection[str]) -> dict[str, list[str]]:
        """The ids, in order, of the articles that name each URL; URLs without any are left out."""

    async def find_referenced(self, sha256s: Collection[str]) -> set[str]:
        """Those of these contents that the outcome of some URL refers to."""

    async def list_page(self, after: str = "", limit: int = 500) -> list[Picture]:
        """Outcomes in the order of their URLs, from the first greater than *after*."""

    async def counts(self) -> dict[str, int]:
        """`cached`, `failed` (URLs) and `contents` (distinct pictures)."""
