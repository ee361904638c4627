"""Where pictures are: on web, whose address the settings or its heartbeat tell."""

import re
from typing import Final

from services.console.web_address import load_web_url
from shared.store import Store

_ORIGIN: Final = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")


class PictureOrigin:
    """Web's URL and its origin. Empty while nothing tells it: then pages have no pictures."""

    def __init__(self, web_url: str) -> None:
        self._is_set = bool(web_url)
        self._url = web_url

    @property
    def origin(self) -> str:
        """Scheme, host and port, as the Content-Security-Policy names them."""
        match = _ORIGIN.match(self._url)
        return match[0] if match else ""

    def locate(self, sha256: str, width: int = 0) -> str:
        """The URL of a kept picture, or of a thumbnail of this width; empty: there is none."""
        if not sha256 or not self.origin:
            return ""
        query = f"?w={width}" if width else ""
        return f"{self._url}/images/{sha256}{query}"

    async def refresh(self, store: Store) -> None:
        """Ask web's latest heartbeat, unless a setting says it. Raises StoreUnavailable."""
        if self._is_set:
            return
        self._url = await load_web_url(store) or self._url
