"""The feed snapshot in MongoDB: one document."""

from shared.store.mongo.engine.database import Database, Document
from shared.store.ports.story.feed import FeedSnapshot

_ID = "snapshot"


class MongoFeed:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get_snapshot(self) -> FeedSnapshot | None:
        documents = await self._database.find_ids("feed", [_ID])
        return _snapshot(documents[0]) if documents else None

    async def publish(self, snapshot: FeedSnapshot) -> bool:
        fields: Document = {
            "version": snapshot.version,
            "reader": snapshot.reader,
            "centre": snapshot.centre,
            "narrowness": snapshot.narrowness,
            "applied": snapshot.is_applied,
            # What an older version publishes leaves this behind: it holds for its own version.
            "formula": {"number": snapshot.formula, "version": snapshot.version},
        }
        if snapshot.version == 1:
            return bool(await self._database.insert_missing("feed", [{"_id": _ID, **fields}]))
        query: Document = {"_id": _ID, "version": snapshot.version - 1}
        return await self._database.update_if("feed", query, {"$set": fields})

    async def mark_applied(self, version: int) -> None:
        query: Document = {"_id": _ID, "version": version}
        await self._database.update_if("feed", query, {"$set": {"applied": True}})


def _snapshot(document: Document) -> FeedSnapshot:
    formula = document.get("formula", {"number": 0, "version": 0})
    is_told = formula["version"] == document["version"]
    return FeedSnapshot(
        version=document["version"],
        reader=document["reader"],
        centre=bytes(document["centre"]),
        narrowness=document["narrowness"],
        is_applied=document["applied"],
        formula=formula["number"] if is_told else 0,
    )
