"""What was found on the pages of articles that came without a usable picture, by the page's URL."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol


@dataclass(frozen=True)
class Page:
    """The outcome for one page: `read`, perhaps with nothing found on it, or `failed` for good."""

    url: str
    state: Literal["read", "failed"]
    checked_at: datetime
    reason: str = ""  # why it failed: a word such as `robots`, then a sentence
    images: tuple[str, ...] = ()  # absolute addresses of pictures, the likeliest first
    amp_url: str = ""  # where its AMP twin is, or nothing


class Pages(Protocol):
    """Written by enrichment/images alone."""

    async def get(self, urls: Collection[str]) -> dict[str, Page]:
        """What is known of these pages; unknown ones are left out."""

    async def save(self, page: Page) -> None:
        """Keep the outcome; it takes the place of an earlier one. May be repeated."""

    async def page(self, after: str = "", limit: int = 500) -> list[Page]:
        """Outcomes in the order of their URLs greater than *after*."""
