"""What is known of contents and pages, in SQLite."""

import json
from collections.abc import Collection
from dataclasses import astuple
from datetime import datetime
from typing import Any

from shared.store.ports.contents import Content, Thumbnail
from shared.store.ports.pages import Page
from shared.store.sqlite.database import Database, from_micros, to_micros

_CONTENT = (
    "sha256, media_type, width, height, frames, size, colour, blurhash, thumbnails, described_at"
)
_PAGE = "url, state, checked_at, reason, images, amp_url"


class SqliteContents:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def describe(self, content: Content) -> None:
        values = (
            content.sha256,
            content.media_type,
            content.width,
            content.height,
            content.frames,
            content.size,
            content.colour,
            content.blurhash,
            json.dumps([astuple(thumbnail) for thumbnail in content.thumbnails]),
            to_micros(content.described_at),
        )
        statement = f"INSERT OR REPLACE INTO contents ({_CONTENT}) VALUES ({', '.join('?' * 10)})"
        await self._database.write(lambda connection: connection.execute(statement, values))

    async def get(self, sha256s: Collection[str]) -> dict[str, Content]:
        query = f"SELECT {_CONTENT} FROM contents JOIN json_each(?) ON sha256 = value"
        return {one.sha256: one for one in await self._select(query, (json.dumps([*sha256s]),))}

    async def page(self, after: str = "", limit: int = 500) -> list[Content]:
        query = f"SELECT {_CONTENT} FROM contents WHERE sha256 > ? ORDER BY sha256 LIMIT ?"
        return await self._select(query, (after, limit))

    async def forget(self, sha256: str, described_before: datetime) -> bool:
        statement = "DELETE FROM contents WHERE sha256 = ? AND described_at < ?"
        values = (sha256, to_micros(described_before))
        return await self._database.write(
            lambda connection: connection.execute(statement, values).rowcount > 0
        )

    async def _select(self, query: str, values: tuple[object, ...]) -> list[Content]:
        rows = await self._database.read(
            lambda connection: connection.execute(query, values).fetchall()
        )
        return [_content(row) for row in rows]


class SqlitePages:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, urls: Collection[str]) -> dict[str, Page]:
        query = f"SELECT {_PAGE} FROM pages JOIN json_each(?) ON url = value"
        return {page.url: page for page in await self._select(query, (json.dumps([*urls]),))}

    async def save(self, page: Page) -> None:
        images = json.dumps(page.images)
        values = (
            page.url,
            page.state,
            to_micros(page.checked_at),
            page.reason,
            images,
            page.amp_url,
        )
        statement = f"INSERT OR REPLACE INTO pages ({_PAGE}) VALUES (?, ?, ?, ?, ?, ?)"
        await self._database.write(lambda connection: connection.execute(statement, values))

    async def page(self, after: str = "", limit: int = 500) -> list[Page]:
        return await self._select(
            f"SELECT {_PAGE} FROM pages WHERE url > ? ORDER BY url LIMIT ?", (after, limit)
        )

    async def _select(self, query: str, values: tuple[object, ...]) -> list[Page]:
        rows = await self._database.read(
            lambda connection: connection.execute(query, values).fetchall()
        )
        return [_page(row) for row in rows]


def _content(row: tuple[Any, ...]) -> Content:
    sha256, media_type, width, height, frames, size, colour, blurhash, thumbnails, described_at = (
        row
    )
    return Content(
        sha256=sha256,
        media_type=media_type,
        width=width,
        height=height,
        frames=frames,
        size=size,
        colour=colour,
        blurhash=blurhash,
        thumbnails=tuple(Thumbnail(*numbers) for numbers in json.loads(thumbnails)),
        described_at=from_micros(described_at),
    )


def _page(row: tuple[Any, ...]) -> Page:
    url, state, checked_at, reason, images, amp_url = row
    return Page(url, state, from_micros(checked_at), reason, tuple(json.loads(images)), amp_url)
