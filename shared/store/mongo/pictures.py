"""Pictures in MongoDB: outcomes by URL; their bytes are kept once by content, where `PictureBytes` has its place."""

from collections.abc import Collection, Mapping
from typing import Any

from pymongo import ReplaceOne

from shared.store.mongo.database import Database
from shared.store.ports.picture_bytes import PictureBytes
from shared.store.ports.pictures import Picture


class MongoPictures:
    def __init__(self, database: Database, place: PictureBytes) -> None:
        self._database = database
        self._bytes = place

    async def get(self, urls: Collection[str]) -> dict[str, Picture]:
        return {
            one["_id"]: _picture(one) for one in await self._database.find_ids("pictures", urls)
        }

    async def save(self, picture: Picture, content: bytes | None = None) -> None:
        if content is not None:
            await self._bytes.put(picture.sha256, content)
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
            "replacedAt": picture.replaced_at,
        }
        await self._database.upsert(
            "pictures", [ReplaceOne({"_id": picture.url}, fields, upsert=True)]
        )
        if content is not None and await self._bytes.size(picture.sha256) is None:
            await self._bytes.put(
                picture.sha256, content
            )  # collected as an orphan between the two writes

    async def note(self, namings: Mapping[str, Collection[str]]) -> None:
        pairs = [
            {"article": article, "url": url}
            for article, urls in namings.items()
            for url in set(urls)
        ]
        requests = [
            ReplaceOne({"_id": f"{pair['article']} {pair['url']}"}, pair, upsert=True)
            for pair in pairs
        ]
        await self._database.upsert("namings", requests)

    async def naming(self, urls: Collection[str]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for pair in await self._database.find(
            "namings", {"url": {"$in": [*set(urls)]}}, sort=[("_id", 1)]
        ):
            found.setdefault(pair["url"], []).append(pair["article"])
        return found

    async def referred(self, sha256s: Collection[str]) -> set[str]:
        query = {"sha256": {"$in": [*sha256s]}, "state": "cached"}
        return {
            one["sha256"]
            for one in await self._database.find("pictures", query, projection=["sha256"])
        }

    async def page(self, after: str = "", limit: int = 500) -> list[Picture]:
        found = await self._database.find(
            "pictures", {"_id": {"$gt": after}}, sort=[("_id", 1)], limit=limit
        )
        return [_picture(one) for one in found]

    async def counts(self) -> dict[str, int]:
        pictures = self._database["pictures"]
        distinct = [
            {"$match": {"state": "cached"}},
            {"$group": {"_id": "$sha256"}},
            {"$count": "contents"},
        ]
        contents = await self._database.do(pictures.aggregate(distinct).to_list(None))
        return {
            "cached": await self._database.do(pictures.count_documents({"state": "cached"})),
            "failed": await self._database.do(pictures.count_documents({"state": "failed"})),
            "contents": contents[0]["contents"] if contents else 0,
        }


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
        replaced_at=one["replacedAt"],
    )
