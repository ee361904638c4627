"""What was found on articles' web pages, in SQLite."""

import json
from collections.abc import Collection, Sequence
from typing import Any

from shared.store.ports.picture.web_pages import WebPage
from shared.store.sqlite.engine.database import Database
from shared.store.sqlite.engine.encoding import from_micros, to_json_array, to_micros

_COLUMNS = "url, state, checked_at, reason, images, amp_url"


class SqliteWebPages:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, urls: Collection[str]) -> dict[str, WebPage]:
        query = f"SELECT {_COLUMNS} FROM pages JOIN json_each(?) ON url = value"
        return await self._database.select_by_key(_web_page, query, (to_json_array(urls),))

    async def save(self, page: WebPage) -> None:
        statement = f"INSERT OR REPLACE INTO pages ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)"
        checked_at, images = to_micros(page.checked_at), json.dumps(page.images)
        values = (page.url, page.state, checked_at, page.reason, images, page.amp_url)
        await self._database.execute(statement, values)

    async def list_page(self, after: str = "", limit: int = 500) -> list[WebPage]:
        query = f"SELECT {_COLUMNS} FROM pages WHERE url > ? ORDER BY url LIMIT ?"
        return await self._database.select(_web_page, query, (after, limit))


def _web_page(row: Sequence[Any]) -> WebPage:
    url, state, checked_at, reason, images, amp_url = row
    return WebPage(url, state, from_micros(checked_at), reason, tuple(json.loads(images)), amp_url)
