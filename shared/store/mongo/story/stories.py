"""Which story each article is in, the stories, and their events in the outbox, in MongoDB."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from pymongo import UpdateOne

from shared.store.history_entries import describe_story_version
from shared.store.mongo.engine.database import Database, Document
from shared.store.mongo.operations.outbox import MongoOutbox
from shared.store.ports.story.stories import Story, StoryEvent, StoryMove
from shared.trace_context import encode_trace


class MongoStories(MongoOutbox[StoryEvent]):
    def __init__(self, database: Database) -> None:
        super().__init__(database, "stories", "version", StoryEvent)

    async def get_story_ids(self, article_ids: Collection[str]) -> dict[str, str]:
        documents = await self._database.find_ids("members", article_ids)
        return {document["_id"]: document["story"] for document in documents}

    async def get_members(self, story_ids: Collection[str]) -> dict[str, frozenset[str]]:
        members: dict[str, set[str]] = {story_id: set() for story_id in story_ids}
        for document in await self._database.find_in("members", "story", members):
            members[document["story"]].add(document["_id"])
        return {story_id: frozenset(articles) for story_id, articles in members.items()}

    async def move(self, moves: Sequence[StoryMove]) -> list[bool]:
        """Read the articles' stories again at the end: that says whether each move was made."""
        first_moves = [
            {"_id": move.article_id, "story": move.target} for move in moves if not move.source
        ]
        await self._database.insert_missing("members", first_moves)
        later_moves = [_move(move) for move in moves if move.source]
        await self._database.bulk_write("members", later_moves)
        story_ids = await self.get_story_ids([move.article_id for move in moves])
        return [story_ids.get(move.article_id) == move.target for move in moves]

    async def get(self, story_ids: Collection[str]) -> dict[str, Story]:
        return await self._database.load_by_id(self._story, "stories", story_ids)

    async def get_versions(self, story_ids: Collection[str]) -> dict[str, int]:
        documents = await self._database.find_ids("stories", story_ids, projection=["version"])
        return {document["_id"]: document["version"] for document in documents}

    async def save(self, stories: Sequence[Story]) -> list[bool]:
        first_versions = [self._build_document(story) for story in stories if story.version == 1]
        inserted = await self._database.insert_missing("stories", first_versions)
        later_versions = [story for story in stories if story.version > 1]
        replaced = iter(await asyncio.gather(*map(self._replace, later_versions)))
        outcomes: list[bool] = []
        for story in stories:
            outcomes.append(story.id in inserted if story.version == 1 else next(replaced))
        return outcomes

    async def list_page(self, after: str = "", limit: int = 500) -> list[Story]:
        return await self._database.load_page(self._story, "stories", after, limit)

    async def find_by_members(self, article_ids: Collection[str]) -> dict[str, Story]:
        documents = await self._database.find_in("stories", "members", article_ids)
        return {document["_id"]: self._story(document) for document in documents}

    async def counts(self) -> dict[str, int]:
        superseded = await self._database.count("stories", {"supersededBy": {"$gt": ""}})
        everything = await self._database.estimate_count("stories")
        due = await self.count_unannounced()
        return {"stories": everything - superseded, "superseded": superseded, "due": due}

    async def _replace(self, story: Story) -> bool:
        query = {"_id": story.id, "version": story.version - 1}
        state, entry = _optional_state(story.event_to_announce), describe_story_version(story)
        return await self._update(query, _fields(story), state, entry)

    def _build_document(self, story: Story) -> Document:
        state, entry = _optional_state(story.event_to_announce), describe_story_version(story)
        outbox = self._fill_new(state, entry)
        return {"_id": story.id, **_fields(story), **outbox}

    def _story(self, document: Mapping[str, Any]) -> Story:
        story_id, latest = document["_id"], document["latest"]
        return Story(
            id=story_id,
            version=document["version"],
            members=tuple(document["members"]),
            changed_at=document["changedAt"],
            superseded_by=document["supersededBy"],
            lead=document["lead"],
            title=document["title"],
            heat=document["heat"],
            note=document["note"],
            latest=self._build_state(story_id, latest) if latest else None,
        )


def _move(move: StoryMove) -> UpdateOne:
    query = {"_id": move.article_id, "story": move.source}
    return UpdateOne(query, {"$set": {"story": move.target}})


def _fields(story: Story) -> Document:
    return {
        "version": story.version,
        "members": list(story.members),
        "changedAt": story.changed_at,
        "supersededBy": story.superseded_by,
        "lead": story.lead,
        "title": story.title,
        "heat": story.heat,
        "note": story.note,
        "latest": _optional_state(story.latest),
    }


def _optional_state(event: StoryEvent | None) -> Document | None:
    if event is None:
        return None
    return {
        "version": event.version,
        "kind": event.kind,
        "at": event.at,
        "data": event.data,
        "trace": encode_trace(event.trace),
    }
