"""Neighbour lists in MongoDB: a document each, with a field for every entry."""

from collections.abc import Collection, Mapping
from typing import Any

from pymongo import UpdateOne

from shared.store.mongo.engine.database import Database, Document
from shared.store.ports.story.neighbour_lists import (
    EMPTY,
    Entries,
    Merge,
    Neighbour,
    NeighbourList,
    merge_lists,
    new_stamp,
)


class MongoNeighbourLists:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get_entries(self, ids: Collection[str]) -> dict[str, dict[str, Neighbour]]:
        lists = await self._read(ids)
        return {article_id: lists.get(article_id, EMPTY).entries for article_id in ids}

    async def get_if_changed(self, stamps: Mapping[str, int]) -> dict[str, NeighbourList]:
        """Read the stamps first: most lists have not changed."""
        documents = await self._database.find_ids("near", stamps, projection=["stamp"])
        changed = [
            document["_id"]
            for document in documents
            if document["stamp"] != stamps[document["_id"]]
        ]
        return await self._read(changed)

    async def get_scores_at(self, place: int, ids: Collection[str]) -> dict[str, float]:
        lists = await self._read(ids)
        found: dict[str, float] = {}
        for article_id, neighbours in lists.items():
            if len(neighbours.scores) > place:
                found[article_id] = neighbours.scores[place]
        return found

    async def update(self, changes: Mapping[str, Entries], merge: Merge) -> set[str]:
        """Write field by field, so that updates of several workers add up, whatever each one read.

        A worker that moves an entry into or out of the part of a list that matters, as it read that
        list, learns so; and as long as nobody does, that part is the same for all. A list of which
        no entry changes is not written.
        """
        lists = await self._read(changes)
        changed, concerned = merge_lists(lists, changes, merge)
        stamp = new_stamp()
        requests = []
        for article_id, after in changed.items():
            change = _difference(lists.get(article_id, EMPTY), after, stamp)
            requests.append(UpdateOne({"_id": article_id}, change, upsert=True))
        await self._database.upsert("near", requests)
        return concerned

    async def _read(self, ids: Collection[str]) -> dict[str, NeighbourList]:
        return await self._database.load_by_id(_neighbour_list, "near", ids)


def _neighbour_list(document: Mapping[str, Any]) -> NeighbourList:
    """A document to which no entry was ever written has no `entries`."""
    entries: dict[str, Neighbour] = {}
    for other, (score, evidence) in document.get("entries", {}).items():
        entries[other] = Neighbour(score, bytes(evidence))
    return NeighbourList.from_entries(document["stamp"], entries)


def _difference(before: NeighbourList, after: NeighbourList, stamp: int) -> Document:
    """The change that turns one list into the other; the two differ."""
    old, new = before.entries, after.entries
    change: Document = {"$set": {"stamp": stamp}}
    for other, neighbour in new.items():
        if old.get(other) != neighbour:
            change["$set"][f"entries.{other}"] = list(neighbour)
    if dropped := old.keys() - new.keys():
        change["$unset"] = {f"entries.{other}": "" for other in dropped}
    return change
