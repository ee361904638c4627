"""What was found on articles' web pages, in MongoDB."""

from collections.abc import Collection, Mapping
from typing import Any

from shared.store.mongo.engine.database import Database
from shared.store.ports.picture.web_pages import WebPage


class MongoWebPages:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, urls: Collection[str]) -> dict[str, WebPage]:
        return await self._database.load_by_id(_web_page, "pages", urls)

    async def save(self, page: WebPage) -> None:
        fields = {
            "state": page.state,
            "checkedAt": page.checked_at,
            "reason": page.reason,
            "images": list(page.images),
            "ampUrl": page.amp_url,
        }
        await self._database.replace("pages", {page.url: fields})

    async def list_page(self, after: str = "", limit: int = 500) -> list[WebPage]:
        return await self._database.load_page(_web_page, "pages", after, limit)


def _web_page(document: Mapping[str, Any]) -> WebPage:
    return WebPage(
        url=document["_id"],
        state=document["state"],
        checked_at=document["checkedAt"],
        reason=document["reason"],
        images=tuple(document["images"]),
        amp_url=document["ampUrl"],
    )
