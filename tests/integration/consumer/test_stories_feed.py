"""The typed consumer of stories, on a real broker: a snapshot, then every change, once."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from shared.broker.network.connection import open_producer
from shared.broker.sending.sender import Sender
from shared.broker.topic_creation import create_missing_topics
from shared.consumer import STORIES, Change, Checkpoint, Consumer, Upsert
from shared.events.public.stories import StoryChange, StoryEnded
from shared.events.stories.story_events import build_story_events
from shared.events.topics import load_topics
from shared.settings import Settings
from shared.store import StoryEvent
from shared.store.ports.story.stories import StoryEventKind
from tests.conftest import Processes

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
READ_SECONDS = 60
STORY_IDS = ("s1", "s2", "s3")

Told = tuple[str, str, int]
"""What the consumer told: `upsert` or `remove`, the story, and its version."""


def make_event(
    story_id: str, version: int, kind: StoryEventKind = "joined", title: str = "The bridge"
) -> StoryEvent:
    data = {
        "id": story_id,
        "version": version,
        "title": title,
        "lead": "a1",
        "heat": 80,
        "memberCount": 2,
        "members": ["a1", "a2"],
        "joined": ["a2"],
        "left": [],
        "merged": [],
        "reasonCode": "one-event",
        "reason": "they are about one event",
    }
    if kind == "ended":
        data = {
            "id": story_id,
            "version": version,
            "title": title,
            "mergedInto": "s9",
            "left": ["a1", "a2"],
            "reasonCode": "merged-away",
            "reason": "it became part of another",
        }
    return StoryEvent(story_id, version, kind, NOW, json.dumps(data).encode())


@asynccontextmanager
async def open_sender(settings: Settings) -> AsyncIterator[Sender]:
    await create_missing_topics(settings, load_topics())
    async with open_producer(settings) as producer:
        yield Sender(producer)


async def announce(sender: Sender, *story_events: StoryEvent) -> None:
    assert await sender.send(build_story_events(story_events)) == []


class Reader:
    """Reads stories with the typed consumer until it shows what is expected."""

    def __init__(self, kafka: str, checkpoint: Checkpoint | None = None) -> None:
        self.consumer = Consumer(STORIES, kafka, checkpoint=checkpoint)
        self.told: list[Told] = []
        self.titles: dict[str, str | None] = {}
        self.shown: dict[str, int] = dict(checkpoint.shown) if checkpoint else {}

    async def read_until(self, *expected: Told) -> None:
        """Until it has told the last of each story as *expected*."""
        async with asyncio.timeout(READ_SECONDS):
            async for change in self.consumer:
                self._take(change)
                last = {told[1]: told for told in self.told}
                if all(last.get(told[1]) == told for told in expected):
                    return

    def _take(self, change: Change[StoryChange, StoryEnded]) -> None:
        if isinstance(change, Upsert):
            self.told.append(("upsert", change.id, change.revision))
            self.shown[change.id] = change.revision
            self.titles[change.id] = change.data.title
        else:
            self.told.append(("remove", change.id, change.revision))
            self.shown.pop(change.id, None)

    def assert_each_version_was_told_once(self) -> None:
        versions: dict[str, list[int]] = {}
        for _, story_id, version in self.told:
            versions.setdefault(story_id, []).append(version)
        for numbers in versions.values():
            assert numbers == sorted(set(numbers))


@pytest.mark.timeout(300)
async def test_a_newcomer_learns_every_story_and_follows_from_there(processes: Processes):
    kafka = processes.environment["SEEDWIRE_KAFKA"]
    async with open_sender(processes.settings) as sender:
        await announce(sender, make_event("s1", 1, "created"), make_event("s2", 1, "created"))
        await announce(sender, make_event("s1", 2, title="Łódź 大阪"), make_event("s2", 2, "ended"))
        newcomer = Reader(kafka)
        await newcomer.read_until(("upsert", "s1", 2))
        assert newcomer.titles["s1"] == "Łódź 大阪"
        checkpoint = newcomer.consumer.checkpoint

        repeat = make_event("s1", 2, title="Łódź 大阪")
        await announce(sender, repeat, make_event("s1", 3, "led"), make_event("s3", 1, "created"))
        await announce(sender, make_event("s1", 4, "ended"))
        again = Reader(kafka, checkpoint)
        await again.read_until(("remove", "s1", 4), ("upsert", "s3", 1))
        own = {story: version for story, version in again.shown.items() if story in STORY_IDS}
        assert own == {"s3": 1}  # the cluster may have stories of other tests
        for reader in (newcomer, again):
            reader.assert_each_version_was_told_once()
        assert ("upsert", "s1", 2) not in again.told
