"""Which story each article stands in, and the stories, in MongoDB."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from pymongo import UpdateOne

from shared.store.mongo.database import Database, Document
from shared.store.stories import Move, Story


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
        first = [{"_id": move.article_id, "story": move.target} for move in moves if not move.source]
        await self._database.insert_missing("members", first)
        changes = [
            UpdateOne({"_id": move.article_id, "story": move.source}, {"$set": {"story": move.target}})
            for move in moves
            if move.source
        ]
        await self._database.bulk("members", changes)
        standing = await self.of([move.article_id for move in moves])
        return [standing.get(move.article_id) == move.target for move in moves]

    async def get(self, story_ids: Collection[str]) -> dict[str, Story]:
        return {one["_id"]: _story(one) for one in await self._database.find_ids("stories", story_ids)}

    async def save(self, stories: Sequence[Story]) -> list[bool]:
        inserted = await self._database.insert_missing("stories", [_fresh(one) for one in stories if one.version == 1])
        replaced = iter(await asyncio.gather(*(self._replace(one) for one in stories if one.version > 1)))
        return [one.id in inserted if one.version == 1 else next(replaced) for one in stories]

    async def page(self, after: str = "", limit: int = 500) -> list[Story]:
        found = await self._database.find("stories", {"_id": {"$gt": after}}, sort=[("_id", 1)], limit=limit)
        return [_story(one) for one in found]

    async def counts(self) -> dict[str, int]:
        stories = self._database["stories"]
        living = await self._database.do(stories.count_documents({"supersededBy": ""}))
        return {"stories": living, "superseded": await self._database.do(stories.count_documents({})) - living}

    async def _replace(self, story: Story) -> bool:
        query = {"_id": story.id, "version": story.version - 1}
        result = await self._database.do(self._database["stories"].update_one(query, {"$set": _fields(story)}))
        return bool(result.matched_count == 1)


def _fresh(story: Story) -> Document:
    return {"_id": story.id, **_fields(story)}


def _fields(story: Story) -> Document:
    return {
        "version": story.version,
        "members": list(story.members),
        "changedAt": story.changed_at,
        "supersededBy": story.superseded_by,
    }


def _story(one: Mapping[str, Any]) -> Story:
    return Story(one["_id"], one["version"], tuple(one["members"]), one["changedAt"], one["supersededBy"])
