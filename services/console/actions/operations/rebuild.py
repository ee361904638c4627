"""Sends what the store knows into the public topics again, after they were lost.

Of each article its latest revision, of each story its latest version: to the compacted state, and
to the log, which so begins with a snapshot. What is not announced yet is left to the services. The
same event has the same id and bytes as before, so repeating it all does no harm.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from services.console.actions.checkpoint import Checkpoint, Place, name_place
from services.console.actions.operations.topic_ends import (
    ARTICLES,
    STORIES,
    TopicEnds,
    has_lost_records,
    read_topic_ends,
)
from services.console.progress import ProgressCallback
from shared.broker.network.connection import fetch_cluster_id, open_producer
from shared.broker.records import Event
from shared.broker.sending.sender import Sender
from shared.broker.topic_creation import create_missing_topics
from shared.events.acknowledgements import save_acknowledgements
from shared.events.cloud_event import build_source_headers
from shared.events.published_events import build_published_events
from shared.events.state_topic_repair import StateRepairs
from shared.events.stories.story_events import build_story_events
from shared.events.topics import load_topics
from shared.settings import Settings
from shared.store import Revision, Store, StoryEvent

PAGE: Final = 100  # of articles or stories: an event has up to 1 MB, twice

Send = Callable[[Sequence[Event]], Awaitable[None]]
"""Sends events and returns when Kafka has acknowledged them."""


@dataclass(frozen=True)
class RebuildCounts:
    """Articles and stories that consumers have ever seen, and that are sent."""

    articles: int = 0
    stories: int = 0


class TopicRebuilder:
    """One rebuild from *place* on, which the checkpoint keeps after each page.

    *ends* are those of the public topics now, by which it sees that they were lost once more.
    """

    def __init__(
        self,
        store: Store,
        send: Send,
        checkpoint: Checkpoint,
        cluster: str,
        report_progress: ProgressCallback,
        ends: TopicEnds | None = None,
    ) -> None:
        self._store = store
        self._send = send
        self._checkpoint = checkpoint
        self._cluster = cluster
        self._report_progress = report_progress
        self._ends = ends or {}
        self._first_ends = self._ends

    async def run(self) -> RebuildCounts:
        """Send what is left. A place in another cluster, or in lost topics, counts for nothing."""
        place = self._checkpoint.load()
        if place.get("cluster") != self._cluster or has_lost_records(place, self._ends):
            place = {}
        self._first_ends = {topic: int(place.get(topic, end)) for topic, end in self._ends.items()}
        articles = int(place.get(ARTICLES, 0))
        if place.get("part") != STORIES:
            articles = await self._send_articles(str(place.get("after", "")), articles)
            place = {}
        stories = int(place.get(STORIES, 0))
        stories = await self._send_stories(str(place.get("after", "")), articles, stories)
        self._checkpoint.clear()
        return RebuildCounts(articles, stories)

    async def _send_articles(self, after: str, sent: int) -> int:
        total = (await self._store.decisions.counts())["decided"]
        while page := await self._store.decisions.list_page(after, PAGE):
            after = page[-1].article_id
            article_ids = [decision.article_id for decision in page]
            revisions = await load_latest_revisions(article_ids, self._store)
            events = []
            for revision in revisions:
                events += build_published_events(revision)
            await self._send(events)
            sent += len(revisions)
            self._save({"part": ARTICLES, "after": after, ARTICLES: sent})
            self._report_progress("published", sent, max(sent, total))
        return sent

    async def _send_stories(self, after: str, articles: int, sent: int) -> int:
        total = (await self._store.stories.counts())["stories"]
        while page := await self._store.stories.list_page(after, PAGE):
            after = page[-1].id
            latest = await load_latest_versions([story.id for story in page], self._store)
            await self._send(build_story_events(latest))
            sent += len(latest)
            self._save({"part": STORIES, "after": after, ARTICLES: articles, STORIES: sent})
            self._report_progress("stories", sent, max(sent, total))
        return sent

    def _save(self, place: Place) -> None:
        self._checkpoint.save({"cluster": self._cluster, **self._first_ends, **place})


async def load_latest_revisions(article_ids: Sequence[str], store: Store) -> list[Revision]:
    """The latest revision of each article that has one, unless a newer one is due.

    Publishing announces that one; the older one would come after it.
    """
    due = await store.decisions.find_unannounced(article_ids, limit=None)
    waiting = {revision.article_id for revision in due}
    decisions = await store.decisions.get(article_ids)
    latest = [decision.latest for decision in decisions.values() if decision.latest]
    return [revision for revision in latest if revision.article_id not in waiting]


async def load_latest_versions(story_ids: Sequence[str], store: Store) -> list[StoryEvent]:
    """The latest event of each story that has one, unless a newer one is due."""
    due = await store.stories.find_unannounced(story_ids, limit=None)
    waiting = {event.story_id for event in due}
    stories = await store.stories.get(story_ids)
    latest = [story.latest for story in stories.values() if story.latest]
    return [event for event in latest if event.story_id not in waiting]


async def rebuild(
    settings: Settings, store: Store, report_progress: ProgressCallback
) -> RebuildCounts:
    """Send everything, from where an earlier run ended; creates missing topics.

    Raises KafkaUnavailable, and SettingsError if another process rebuilds.
    """
    checkpoint = Checkpoint(settings.home / f"rebuild-{name_place(store.address)}.json")
    with checkpoint.hold():
        await create_missing_topics(settings, load_topics())
        cluster = await fetch_cluster_id(settings)
        ends = await read_topic_ends(settings)
        async with _open_sender(settings, store) as send:
            rebuilder = TopicRebuilder(store, send, checkpoint, cluster, report_progress, ends)
            return await rebuilder.run()


async def preview_rebuild(store: Store) -> RebuildCounts:
    """Count what a rebuild would send; sends nothing."""
    articles = stories = 0
    after = ""
    while decisions := await store.decisions.list_page(after):
        after = decisions[-1].article_id
        articles += sum(decision.latest is not None for decision in decisions)
    after = ""
    while page := await store.stories.list_page(after):
        after = page[-1].id
        stories += sum(story.latest is not None for story in page)
    return RebuildCounts(articles, stories)


@asynccontextmanager
async def _open_sender(settings: Settings, store: Store) -> AsyncIterator[Send]:
    """Sends as the services do: state before log, then what is known to be announced is noted.

    If an article moved on while it was sent, its newer state is sent once more.
    """
    async with open_producer(settings) as client:
        repairs = StateRepairs(store)
        sender = Sender(client, common_headers=build_source_headers(settings.source))

        async def send(events: Sequence[Event]) -> None:
            remaining = events
            while remaining:
                for refusal in await sender.send(remaining):
                    raise refusal.error
                await save_acknowledgements(remaining, store)
                remaining = await repairs.find(remaining)

        yield send
