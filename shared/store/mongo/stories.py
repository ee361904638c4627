"""Which story each article stands in, and the stories, in MongoDB."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from pymongo import UpdateOne

from shared.store.mongo.database import Database, Document
from shared.store.ports.stories import Move, Notice, Story


class MongoStories:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, ids: Collection[str]) -> dict[str, str]:
        return {one["_id"]: one["story"] for one in await self._database.find_ids("members", ids)}

    async def members(self, story_ids: Collection[str]) -> dict[str, frozenset[str]]:
        found: dict[str, set[str]] = {story_id: set() for story_id in story_ids}
        if found:
            for one in await self._database.find("members", {"story": {"$in": [*found]}}):
                found[one["story"]].add(one["_id"])
        return {story: frozenset(articles) for story, articles in found.items()}

    async def move(self, moves: Sequence[Move]) -> list[bool]:
        """What stands afterwards is read again: that says of each move whether it was made."""
        first = [
            {"_id": move.article_id, "story": move.target} for move in moves if not move.source
        ]
        await self._database.insert_missing("members", first)
        changes = [
            UpdateOne(
                {"_id": move.article_id, "story": move.source}, {"$set": {"story": move.target}}
            )
            for move in moves
            if move.source
        ]
        await self._database.bulk("members", changes)
        standing = await self.of([move.article_id for move in moves])
        return [standing.get(move.article_id) == move.target for move in moves]

    async def get(self, story_ids: Collection[str]) -> dict[str, Story]:
        return {
            one["_id"]: _story(one) for one in await self._database.find_ids("stories", story_ids)
        }

    async def save(self, stories: Sequence[Story]) -> list[bool]:
        inserted = await self._database.insert_missing(
            "stories", [_fresh(one) for one in stories if one.version == 1]
        )
        replaced = iter(
            await asyncio.gather(*(self._replace(one) for one in stories if one.version > 1))
        )
        return [one.id in inserted if one.version == 1 else next(replaced) for one in stories]

    async def page(self, after: str = "", limit: int = 500) -> list[Story]:
        found = await self._database.find(
            "stories", {"_id": {"$gt": after}}, sort=[("_id", 1)], limit=limit
        )
        return [_story(one) for one in found]

    async def naming(self, article_ids: Collection[str]) -> dict[str, Story]:
        query = {"members": {"$in": [*article_ids]}}
        return (
            {one["_id"]: _story(one) for one in await self._database.find("stories", query)}
            if article_ids
            else {}
        )

    async def due(self, story_ids: Collection[str] | None = None, limit: int = 500) -> list[Notice]:
        query: Document = {"due.version": {"$gt": 0}}
        if story_ids is not None:
            query["_id"] = {"$in": [*story_ids]}
        found = await self._database.find(
            "stories", query, sort=[("_id", 1)], limit=limit, projection=["due"]
        )
        notices = [_notice(one["_id"], item) for one in found for item in one["due"]]
        return sorted(notices, key=lambda item: (item.story_id, item.version))[:limit]

    async def announced(self, versions: Mapping[str, int]) -> None:
        await self._database.bulk(
            "stories",
            [
                UpdateOne({"_id": story_id}, {"$pull": {"due": {"version": {"$lte": version}}}})
                for story_id, version in versions.items()
            ],
        )

    async def counts(self) -> dict[str, int]:
        stories = self._database["stories"]
        living = await self._database.do(stories.count_documents({"supersededBy": ""}))
        due = await self._database.find(
            "stories", {"due.version": {"$gt": 0}}, projection=["due.version"]
        )
        return {
            "stories": living,
            "superseded": await self._database.do(stories.count_documents({})) - living,
            "due": sum(len(one["due"]) for one in due),
        }

    async def _replace(self, story: Story) -> bool:
        query = {"_id": story.id, "version": story.version - 1}
        change: Document = {"$set": _fields(story)}
        if due := _due(story):
            change["$push"] = {"due": due[0]}
        result = await self._database.do(self._database["stories"].update_one(query, change))
        return bool(result.matched_count == 1)


def _fresh(story: Story) -> Document:
    return {"_id": story.id, **_fields(story), "due": _due(story)}


def _due(story: Story) -> list[Document]:
    return [_item(story.latest)] if story.latest and story.latest.version == story.version else []


def _fields(story: Story) -> Document:
    return {
        "version": story.version,
        "members": list(story.members),
        "changedAt": story.changed_at,
        "supersededBy": story.superseded_by,
        "lead": story.lead,
        "latest": _item(story.latest) if story.latest else None,
    }


def _story(one: Mapping[str, Any]) -> Story:
    return Story(
        id=one["_id"],
        version=one["version"],
        members=tuple(one["members"]),
        changed_at=one["changedAt"],
        superseded_by=one["supersededBy"],
        lead=one["lead"],
        latest=_notice(one["_id"], one["latest"]) if one["latest"] else None,
    )


def _item(notice: Notice) -> Document:
    return {"version": notice.version, "kind": notice.kind, "at": notice.at, "data": notice.data}


def _notice(story_id: str, item: Mapping[str, Any]) -> Notice:
    return Notice(story_id, item["version"], item["kind"], item["at"], bytes(item["data"]))
