"""What the stage does however articles are related: its sweep, and a new Kafka cluster."""

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from shared.broker.records import Event
from shared.clock import Clock
from shared.events.story_events import build_story_events
from shared.events.story_wake_ups import OverduePauses, StoryWakeUpFilter, build_story_wake_ups
from shared.store import Store, Story, StoryEvent, pages
from shared.store.ports.outbox import MAX_UNANNOUNCED

CROWDED: Final = MAX_UNANNOUNCED // 2  # unannounced versions of a story


class RelatedStage:
    """The state and the tasks that linking and given relations share.

    All that a worker knows about articles is in the store. Every method may be repeated at any
    point, and raises StoreUnavailable. Methods that return events leave sending them to the caller,
    who then saves that they were acknowledged.
    """

    def __init__(self, clock: Clock, overdue_seconds: float) -> None:
        self._clock = clock
        self._overdue = timedelta(seconds=overdue_seconds)
        self._wake_ups = StoryWakeUpFilter()
        self._pauses = OverduePauses(self._overdue)

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
