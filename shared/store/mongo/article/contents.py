"""What is known of pictures' contents, in MongoDB."""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from shared.store.mongo.engine.database import Database, Document
from shared.store.ports.article.contents import Content, Thumbnail


class MongoContents:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, content: Content) -> None:
        await self._database.replace("contents", {content.sha256: _fields(content)})

    async def get(self, sha256s: Collection[str]) -> dict[str, Content]:
        return await self._database.load_by_id(_content, "contents", sha256s)

    async def list_page(self, after: str = "", limit: int = 500) -> list[Content]:
        return await self._database.load_page(_content, "contents", after, limit)

    async def delete(self, sha256: str, described_before: datetime) -> bool:
        query = {"_id": sha256, "describedAt": {"$lt": described_before}}
        result = await self._database.do(self._database["contents"].delete_one(query))
        return bool(result.deleted_count)


def _fields(content: Content) -> Document:
    thumbnails = [asdict(thumbnail) for thumbnail in content.thumbnails]
    return {
        "mediaType": content.media_type,
        "width": content.width,
        "height": content.height,
        "frames": content.frames,
        "size": content.size,
        "colour": content.colour,
        "blurhash": content.blurhash,
        "thumbnails": thumbnails,
        "describedAt": content.described_at,
    }


def _content(document: Mapping[str, Any]) -> Content:
    thumbnails = tuple(Thumbnail(**numbers) for numbers in document["thumbnails"])
    return Content(
        sha256=document["_id"],
        media_type=document["mediaType"],
        width=document["width"],
        height=document["height"],
        frames=document["frames"],
        size=document["size"],
        colour=document["colour"],
        blurhash=document["blurhash"],
        thumbnails=thumbnails,
        described_at=document["describedAt"],
    )
