"""Links in MongoDB."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from pymongo import DeleteOne

from shared.store.mongo.engine.database import Database, Document
from shared.store.ports.story.links import Link, group_by_article


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
        """Once each, although a link between two of these articles is found from both ends."""
        links: dict[str, Link] = {}
        for end in ("a", "b"):
            for document in await self._database.find_in("links", end, ids):
                links[document["_id"]] = _link(document)
        return [*links.values()]

    async def count(self) -> int:
        return await self._database.estimate_count("links")


def _id(a: str, b: str) -> str:
    return f"{a} {b}"


def _fields(link: Link) -> Document:
    return {
        "a": link.a,
        "b": link.b,
        "score": link.score,
        "pinned": link.pinned,
        "event": link.event,
        "likeness": link.likeness,
    }


def _link(document: Mapping[str, Any]) -> Link:
    return Link(*(document[name] for name in Link._fields))
