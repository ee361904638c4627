"""Links in MongoDB."""

from collections.abc import Collection, Sequence

from pymongo import DeleteOne

from shared.store.mongo.database import Database, Document
from shared.store.ports.links import Link, group_by_article


class MongoLinks:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(
        self, links: Sequence[Link], unrelated: Collection[tuple[str, str]] = ()
    ) -> None:
        deletions = [DeleteOne({"_id": _id(a, b)}) for a, b in unrelated]
        await self._database.bulk_write("links", deletions)
        documents = {_id(link.a, link.b): _fields(link) for link in links}
        await self._database.replace("links", documents)

    async def get(self, ids: Collection[str]) -> dict[str, list[Link]]:
        return group_by_article(ids, await self.list_around(ids))

    async def list_around(self, ids: Collection[str]) -> list[Link]:
        if not ids:
            return []
        query = {"$or": [{"a": {"$in": [*ids]}}, {"b": {"$in": [*ids]}}]}
        documents = await self._database.find("links", query)
        return [
            Link(document["a"], document["b"], document["score"], document["pinned"])
            for document in documents
        ]

    async def count(self) -> int:
        return await self._database.count("links", {})


def _id(a: str, b: str) -> str:
    return f"{a} {b}"


def _fields(link: Link) -> Document:
    return {"a": link.a, "b": link.b, "score": link.score, "pinned": link.pinned}
