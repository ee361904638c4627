"""What linking does with announced articles, in its periodic tasks, and for a new Kafka cluster."""

import logging
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from services.enrichment.related.features.signature_builder import SignatureBuilder
from services.enrichment.related.linking.feed_keeper import FeedKeeper
from services.enrichment.related.linking.recompute import Recomputer, RecomputeResult
from services.enrichment.related.linking.recompute_schedule import SMALL_BATCH, RecomputeSchedule
from services.enrichment.related.neighbours.neighbour_update import NeighbourUpdater
from shared import failpoints
from shared.broker.records import Event, Record
from shared.clock import Clock
from shared.events.article_events import build_article_enriched, read_article_ids
from shared.events.story_events import build_story_events
from shared.store import Store, StoredArticle, Story, StoryEvent, pages

log = logging.getLogger(__name__)

MAX_MARKS = 5000  # dirty articles recomputed together: neighbours share what is read


class RelatedHandler:
    """The record handler and the periodic tasks of linking.

    All that a worker knows about articles is in the store. Every method may be repeated at any
    point, and raises StoreUnavailable. Methods that return events leave sending them to the caller,
    who then saves that they were acknowledged.
    """

    def __init__(
        self,
        signature_builder: SignatureBuilder,
        neighbour_updater: NeighbourUpdater,
        recomputer: Recomputer,
        feed: FeedKeeper,
        clock: Clock,
        overdue_seconds: float,
    ) -> None:
        self._signature_builder = signature_builder
        self._neighbour_updater = neighbour_updater
        self._recomputer = recomputer
        self._feed = feed
        self._clock = clock
        self._overdue = timedelta(seconds=overdue_seconds)
        self._schedule = RecomputeSchedule(clock())

    async def start(self, store: Store) -> None:
        """Check that the reader is that of the store, and say which one it is.

        Raises SettingsError if it is another.
        """
        await self._feed.load(store)
        log.info("articles are read by %s", self._feed.describe_reader())

    async def handle(self, records: Sequence[Record], store: Store) -> list[Event]:
        """Update the neighbours of the articles that these `articles.ingested` records name.

        After a small batch it also recomputes around dirty articles, whichever worker marked them.
        The articles complete the stage once their neighbourhood is recomputed, which may be later,
        in another worker. All is written to the store on return, so the offsets may be committed
        once the events are acknowledged. A repeated batch returns the same events.
        """
        articles = await store.articles.get(read_article_ids(records))
        await failpoints.hit("parsed")
        await self.update_neighbours(articles.values(), store)
        result = None
        if len(articles) <= SMALL_BATCH:
            result = await self._recomputer.recompute(store, MAX_MARKS)
        else:
            self._schedule.record_backlog(self._clock())
        await failpoints.hit("saved")
        versions = {article_id: article.version for article_id, article in articles.items()}
        return await build_events(versions, result or RecomputeResult(), store)

    async def update_neighbours(self, articles: Iterable[StoredArticle], store: Store) -> None:
        """Find the neighbours of these articles, and mark all whose neighbourhood changed as dirty.

        Building signatures and comparing articles block the event loop for some milliseconds at a
        time. Raises SettingsError if another reader has read the store's articles.
        """
        await self._feed.load(store)
        signatures = await self._signature_builder.build([*articles])
        await self._neighbour_updater.update(signatures, store)
        await self._feed.refresh_if_grown(store)

    async def recompute(self, store: Store) -> list[Event]:
        """Recompute around some of the dirty articles, and announce whose relatives changed.

        It claims their marks for 20 seconds and clears them at the end: if the worker dies, another
        one recomputes.
        """
        result = await self._recomputer.recompute(store, MAX_MARKS)
        return await build_events({}, result, store) if result else []

    async def recompute_if_due(self, store: Store) -> list[Event]:
        """The periodic task: recompute, but only now and then while there is a backlog."""
        started = self._clock()
        if not self._schedule.is_due(started):
            return []
        events = await self.recompute(store)
        self._schedule.record_recompute(started, self._clock())
        return events

    async def refresh_statistics(self, store: Store) -> list[Event]:
        """The periodic task: publish the statistics of the feed if its articles changed them."""
        await self.update_statistics(store)
        return []

    async def update_statistics(self, store: Store) -> bool:
        """Publish the statistics of the feed if its articles changed them.

        Returns whether they did: then the articles that depend on them are dirty.
        """
        return await self._feed.refresh(store)

    async def sweep(self, store: Store) -> list[Event]:
        """Find what crashes left behind: overdue story events, and missing dirty marks.

        With an overdue event it returns all earlier ones of that story. A mark is missing if the
        worker that reopened the stage of an article died before marking it.
        """
        before = self._clock() - self._overdue
        await self._restore_marks(before, store)
        overdue = await store.stories.find_unannounced(saved_before=before)
        story_ids = {event.story_id for event in overdue}
        unannounced = await store.stories.find_unannounced(story_ids, limit=None)
        return build_story_events(unannounced)

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


async def build_events(
    versions: Mapping[str, int], result: RecomputeResult, store: Store
) -> list[Event]:
    """The articles to decide again, then the unannounced events of the stories around them.

    *versions* are those of a batch, in case it was handled before. Articles that still wait for the
    stage are left out: whoever completes it wakes them.
    """
    events: list[Event] = []
    waiting = await store.articles.get_pending_versions("related", versions)
    through = {each: version for each, version in versions.items() if each not in waiting}
    deciding = through | {**result.undecided}
    for article_id, version in sorted(deciding.items()):
        events.append(build_article_enriched(article_id, "related", f"{article_id}.v{version}"))
    for article_id, story_id in sorted(result.woken.items()):
        if article_id not in deciding:
            events.append(build_article_enriched(article_id, "related", story_id))
    unannounced = await store.stories.find_unannounced(result.story_ids, limit=None)
    return [*events, *build_story_events(unannounced)]


def _add_latest(unannounced: Sequence[StoryEvent], stories: Iterable[Story]) -> list[StoryEvent]:
    """The unannounced events, and the latest event of every story unless it is among them."""
    events = [*unannounced]
    for story in stories:
        if story.latest and story.latest not in unannounced:
            events.append(story.latest)
    return events
