"""Pictures in MongoDB: outcomes by URL.

Their bytes are kept once by content, wherever `PictureBytes` keeps them.
"""

from collections.abc import Collection, Mapping
from operator import itemgetter
from typing import Any

from shared.store.mongo.engine.database import Database, Document
from shared.store.ports.picture.picture_bytes import PictureBytes
from shared.store.ports.picture.pictures import Picture


class MongoPictures:
    def __init__(self, database: Database, picture_bytes: PictureBytes) -> None:
        self._database = database
        self._bytes = picture_bytes

    async def get(self, urls: Collection[str]) -> dict[str, Picture]:
        return await self._database.load_by_id(_picture, "pictures", urls)

    async def save(self, picture: Picture, content: bytes | None = None) -> None:
        if content is not None:
            await self._bytes.put(picture.sha256, content)
        await self._database.replace("pictures", {picture.url: _fields(picture)})
        if content is not None and await self._bytes.get_size(picture.sha256) is None:
            # garbage collection removed the bytes between the two writes
            await self._bytes.put(picture.sha256, content)

    async def add_references(self, urls_by_article: Mapping[str, Collection[str]]) -> None:
        references: dict[str, Document] = {}
        for article_id, urls in urls_by_article.items():
            for url in urls:
                references[f"{article_id} {url}"] = {"article": article_id, "url": url}
        await self._database.replace("namings", references)

    async def find_referring_articles(self, urls: Collection[str]) -> dict[str, list[str]]:
        articles: dict[str, list[str]] = {}
        documents = await self._database.find_in("namings", "url", urls)
        for document in sorted(documents, key=itemgetter("_id")):
            articles.setdefault(document["url"], []).append(document["article"])
        return articles

    async def find_referenced(self, sha256s: Collection[str]) -> set[str]:
        documents = await self._database.find_in(
            "pictures", "sha256", sha256s, {"state": "cached"}, projection=["sha256"]
        )
        return {document["sha256"] for document in documents}

    async def list_page(self, after: str = "", limit: int = 500) -> list[Picture]:
        return await self._database.load_page(_picture, "pictures", after, limit)

    async def counts(self) -> dict[str, int]:
        contents = await self._count_contents()
        return {
            "cached": await self._database.count("pictures", {"state": "cached"}),
            "failed": await self._database.count("pictures", {"state": "failed"}),
            "contents": contents,
        }

    async def _count_contents(self) -> int:
        """From an index that has both fields: no document is read."""
        distinct: list[Document] = [
            {"$match": {"state": "cached"}},
            {"$group": {"_id": "$sha256"}},
            {"$count": "contents"},
        ]
        documents = await self._database.aggregate("pictures", distinct)
        return documents[0]["contents"] if documents else 0


def _fields(picture: Picture) -> Document:
    return {
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


def _picture(document: Mapping[str, Any]) -> Picture:
    return Picture(
        url=document["_id"],
        state=document["state"],
        checked_at=document["checkedAt"],
        reason=document["reason"],
        sha256=document["sha256"],
        media_type=document["mediaType"],
        width=document["width"],
        height=document["height"],
        frames=document["frames"],
        size=document["size"],
        etag=document["etag"],
        last_modified=document["lastModified"],
        failures=document["failures"],
        replaced_at=document["replacedAt"],
    )
