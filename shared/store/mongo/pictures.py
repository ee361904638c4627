"""Pictures in MongoDB: outcomes by URL; bytes by content, in one document each, which 15 MB fit into."""

from collections.abc import Collection, Mapping
from typing import Any

from pymongo import DeleteOne, ReplaceOne

from shared import failpoints
from shared.store.mongo.database import Database
from shared.store.pictures import Picture


class MongoPictures:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, urls: Collection[str]) -> dict[str, Picture]:
        return {one["_id"]: _picture(one) for one in await self._database.find_ids("pictures", urls)}

    async def save(self, picture: Picture, content: bytes | None = None) -> None:
        if content is not None and not await self._has(picture.sha256):
            await self._database.insert_missing("contents", [{"_id": picture.sha256, "bytes": content}])
            await failpoints.reached("blob")
        fields = {
            "state": picture.state,
            "checkedAt": picture.checked_at,
            "reason": picture.reason,
            "sha256": picture.sha256,
            "mediaType": picture.media_type,
            "width": picture.width,
            "height": picture.height,
            "frames": picture.frames,
            "size": picture.size,
            "etag": picture.etag,
            "lastModified": picture.last_modified,
            "failures": picture.failures,
        }
        await self._database.upsert("pictures", [ReplaceOne({"_id": picture.url}, fields, upsert=True)])

    async def content(self, sha256: str) -> bytes | None:
        found = await self._database.find_ids("contents", [sha256])
        return bytes(found[0]["bytes"]) if found else None

    async def discard(self, sha256: str) -> None:
        await self._database.bulk("contents", [DeleteOne({"_id": sha256})])

    async def page(self, after: str = "", limit: int = 500) -> list[Picture]:
        found = await self._database.find("pictures", {"_id": {"$gt": after}}, sort=[("_id", 1)], limit=limit)
        return [_picture(one) for one in found]

    async def counts(self) -> dict[str, int]:
        pictures, contents = self._database["pictures"], self._database["contents"]
        return {
            "cached": await self._database.do(pictures.count_documents({"state": "cached"})),
            "failed": await self._database.do(pictures.count_documents({"state": "failed"})),
            "contents": await self._database.do(contents.count_documents({})),
        }

    async def _has(self, sha256: str) -> bool:
        return bool(await self._database.find_ids("contents", [sha256], projection=["_id"]))


def _picture(one: Mapping[str, Any]) -> Picture:
    return Picture(
        url=one["_id"],
        state=one["state"],
        checked_at=one["checkedAt"],
        reason=one["reason"],
        sha256=one["sha256"],
        media_type=one["mediaType"],
        width=one["width"],
        height=one["height"],
        frames=one["frames"],
        size=one["size"],
        etag=one["etag"],
        last_modified=one["lastModified"],
        failures=one["failures"],
    )
