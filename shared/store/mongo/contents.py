"""What is known of contents and pages, in MongoDB."""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from pymongo import ReplaceOne

from shared.store.mongo.database import Database
from shared.store.ports.contents import Content, Thumbnail
from shared.store.ports.pages import Page


class MongoContents:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def describe(self, content: Content) -> None:
        fields = {
            "mediaType": content.media_type,
            "width": content.width,
            "height": content.height,
            "frames": content.frames,
            "size": content.size,
            "colour": content.colour,
            "blurhash": content.blurhash,
            "thumbnails": [asdict(thumbnail) for thumbnail in content.thumbnails],
            "describedAt": content.described_at,
        }
        await self._database.upsert(
            "contents", [ReplaceOne({"_id": content.sha256}, fields, upsert=True)]
        )

    async def get(self, sha256s: Collection[str]) -> dict[str, Content]:
        return {
            one["_id"]: _content(one) for one in await self._database.find_ids("contents", sha256s)
        }

    async def page(self, after: str = "", limit: int = 500) -> list[Content]:
        found = await self._database.find(
            "contents", {"_id": {"$gt": after}}, sort=[("_id", 1)], limit=limit
        )
        return [_content(one) for one in found]

    async def forget(self, sha256: str, described_before: datetime) -> bool:
        query = {"_id": sha256, "describedAt": {"$lt": described_before}}
        done = await self._database.do(self._database["contents"].delete_one(query))
        return bool(done.deleted_count)


class MongoPages:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, urls: Collection[str]) -> dict[str, Page]:
        return {one["_id"]: _page(one) for one in await self._database.find_ids("pages", urls)}

    async def save(self, page: Page) -> None:
        fields = {
            "state": page.state,
            "checkedAt": page.checked_at,
            "reason": page.reason,
            "images": list(page.images),
            "ampUrl": page.amp_url,
        }
        await self._database.upsert("pages", [ReplaceOne({"_id": page.url}, fields, upsert=True)])

    async def page(self, after: str = "", limit: int = 500) -> list[Page]:
        found = await self._database.find(
            "pages", {"_id": {"$gt": after}}, sort=[("_id", 1)], limit=limit
        )
        return [_page(one) for one in found]


def _content(one: Mapping[str, Any]) -> Content:
    return Content(
        sha256=one["_id"],
        media_type=one["mediaType"],
        width=one["width"],
        height=one["height"],
        frames=one["frames"],
        size=one["size"],
        colour=one["colour"],
        blurhash=one["blurhash"],
        thumbnails=tuple(Thumbnail(**numbers) for numbers in one["thumbnails"]),
        described_at=one["describedAt"],
    )


def _page(one: Mapping[str, Any]) -> Page:
    return Page(
        one["_id"],
        one["state"],
        one["checkedAt"],
        one["reason"],
        tuple(one["images"]),
        one["ampUrl"],
    )
