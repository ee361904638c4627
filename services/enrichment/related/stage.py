"""The stage *related*, however articles are related; its sweep, and a new Kafka cluster."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from shared.broker.records import Event, Record
from shared.clock import Clock
from shared.events.stories.story_events import build_story_events
from shared.events.stories.story_wake_ups import (
    OverduePauses,
    StoryWakeUpFilter,
    build_story_wake_ups,
)
from shared.store import Store, StoredArticle, Story, StoryEvent, pages
from shared.store.ports.operations.outbox import MAX_UNANNOUNCED

CROWDED: Final = MAX_UNANNOUNCED // 2  # unannounced versions of a story


class RelatedStage(ABC):
    """What linking and given relations do each in their way, and the tasks that they share.

    All that a worker knows about articles is in the store. Every method may be repeated at any
    point, and raises StoreUnavailable. Methods that return events leave sending them to the caller,
    who then saves that they were acknowledged.
    """

    def __init__(self, clock: Clock, overdue_seconds: float) -> None:
        self._clock = clock
        self._overdue = timedelta(seconds=overdue_seconds)
        self._wake_ups = StoryWakeUpFilter()
        self._pauses = OverduePauses(self._overdue)

    @abstractmethod
    async def start(self, store: Store) -> None:
        """Before the first batch. Raises SettingsError if this worker does not suit the store."""

    @abstractmethod
    async def handle(self, records: Sequence[Record], store: Store) -> list[Event]:
        """Relate the articles that these `articles.ingested` records name.

        All is written to the store on return, so the offsets may be committed once the events are
        acknowledged. A repeated batch returns the same events, but wakes no story twice.
        """

    @abstractmethod
    async def update_neighbours(self, articles: Iterable[StoredArticle], store: Store) -> None:
        """Keep what relates these articles to others. It blocks the event loop in between."""

    @abstractmethod
    async def recompute(self, store: Store) -> list[Event]:
        """Relate some of the dirty articles anew, and announce whose relatives changed.

        It claims their marks and clears them at the end: if the worker dies, another one does it.
        """

    @abstractmethod
    async def recompute_if_due(self, store: Store) -> list[Event]:
        """The periodic task: recompute, if it is time to."""

    @abstractmethod
    async def update_statistics(self, store: Store) -> bool:
        """Publish the statistics of the feed if its articles changed them.

        Returns whether they did: then the articles that depend on them are dirty.
        """

    async def update_statistics_if_due(self, store: Store) -> list[Event]:
        """The periodic task: publish the statistics of the feed if its articles changed them."""
        await self.update_statistics(store)
        return []

    async def sweep(self, store: Store) -> list[Event]:
        """Find what crashes left behind: overdue story events, and missing dirty marks.

        It wakes the owner of a story with an overdue event. Only where so many wait that linking
        could soon save no more, because publishing does not run, it announces them itself. A mark
        is missing if the worker that reopened the stage of an article died before marking it.
        """
        at = self._clock()
        before = at - self._overdue
        await self._restore_marks(before, store)
        overdue = await store.stories.find_unannounced(saved_before=before)
        counts = Counter(event.story_id for event in overdue)
        crowded = {story_id for story_id, count in counts.items() if count >= CROWDED}
        events: list[Event] = []
        if crowded:
            events += build_story_events(await store.stories.find_unannounced(crowded, limit=None))
        others = [event for event in overdue if event.story_id not in crowded]
        return [*events, *build_story_wake_ups(self._pauses.select(others, at), woken_at=at)]

    async def resend(self, store: Store) -> AsyncIterator[list[Event]]:
        """For a new cluster with empty topics: the latest event of every story.

        Events that were not announced yet come before it.
        """
        async for page in pages(store.stories.list_page):
            ids = [story.id for story in page]
            unannounced = await store.stories.find_unannounced(ids, limit=None)
            yield build_story_events(_add_latest(unannounced, page))

    async def _restore_marks(self, before: datetime, store: Store) -> None:
        """Mark the articles that have waited for this stage since *before* and have no mark.

        Articles whose signature is older than they are have not been handled yet: their record is
        still to come.
        """
        waiting = await store.articles.find_waiting("related", before)
        signed = await store.signatures.get_versions([article.id for article in waiting])
        handled = [article.id for article in waiting if signed.get(article.id) == article.version]
        if handled:
            await store.neighbourhoods.mark_and_claim(handled, self._clock(), timedelta(0))


def _add_latest(unannounced: Sequence[StoryEvent], stories: Iterable[Story]) -> list[StoryEvent]:
    """The unannounced events, and the latest event of every story unless it is among them."""
    events = [*unannounced]
    for story in stories:
        if story.latest and story.latest not in unannounced:
            events.append(story.latest)
    return events
