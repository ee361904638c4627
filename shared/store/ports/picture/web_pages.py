"""What was found on the web pages of articles that came without a usable picture."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol


@dataclass(frozen=True)
class WebPage:
    """The outcome for one page: `read`, perhaps with nothing found on it, or `failed` for good."""

    url: str
    state: Literal["read", "failed"]
    checked_at: datetime
    reason: str = ""  # why it failed: a word such as `robots`, then a sentence
    images: tuple[str, ...] = ()  # absolute URLs of pictures, the likeliest first
    amp_url: str = ""  # the URL of its AMP version, if it has one

    @property
    def page_key(self) -> str:
        return self.url


class WebPages(Protocol):
    """Only enrichment/images writes here."""

    async def get(self, urls: Collection[str]) -> dict[str, WebPage]:
        """The outcomes for these pages; unknown ones are left out."""

    async def save(self, page: WebPage) -> None:
        """Keep the outcome; it replaces an earlier one. May be repeated."""

    async def list_page(self, after: str = "", limit: int = 500) -> list[WebPage]:
        """Outcomes in the order of their URLs, from the first greater than *after*."""
