"""What linking does with announced articles, and in its periodic tasks."""

import logging
from collections.abc import Iterable, Sequence

from services.enrichment.related.features.signature_builder import SignatureBuilder
from services.enrichment.related.linking.feed_keeper import FeedKeeper
from services.enrichment.related.linking.recompute import Recomputer, RecomputeResult
from services.enrichment.related.linking.recompute_schedule import SMALL_BATCH, RecomputeSchedule
from services.enrichment.related.neighbours.neighbour_update import NeighbourUpdater
from services.enrichment.related.stage import RelatedStage
from services.enrichment.related.stage_events import build_events
from shared import failpoints
from shared.broker.records import Event, Record
from shared.clock import Clock
from shared.events.article_events import read_article_ids
from shared.store import Store, StoredArticle

log = logging.getLogger(__name__)

MAX_MARKS = 5000  # dirty articles recomputed together: neighbours share what is read


class RelatedHandler(RelatedStage):
    """The record handler and the periodic tasks of linking."""

    def __init__(
        self,
        signature_builder: SignatureBuilder,
        neighbour_updater: NeighbourUpdater,
        recomputer: Recomputer,
        feed: FeedKeeper,
        clock: Clock,
        overdue_seconds: float,
    ) -> None:
        super().__init__(clock, overdue_seconds)
        self._signature_builder = signature_builder
        self._neighbour_updater = neighbour_updater
        self._recomputer = recomputer
        self._feed = feed
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
        once the events are acknowledged. A repeated batch returns the same events, but wakes no
        story twice.
        """
        articles = await store.articles.get(read_article_ids(records))
        await failpoints.hit("parsed")
        with self._schedule.track_batch(len(articles), self._clock):
            await self.update_neighbours(articles.values(), store)
        result = None
        if len(articles) <= SMALL_BATCH and self._schedule.is_rested(self._clock()):
            result = await self._recompute_once(store)
        await failpoints.hit("saved")
        versions = {article_id: article.version for article_id, article in articles.items()}
        events = await build_events(versions, result or RecomputeResult(), store)
        return self._wake_ups.select(events)

    async def update_neighbours(self, articles: Iterable[StoredArticle], store: Store) -> None:
        """Find the neighbours of these articles, and mark all whose neighbourhood changed as dirty.

        Building signatures and comparing articles block the event loop for some milliseconds at a
        time. Raises SettingsError if another reader has read the store's articles.
        """
        await self._feed.load(store)
        signatures = await self._signature_builder.build([*articles])
        await self._neighbour_updater.update(signatures, store)
        if await self._feed.refresh_if_grown(store):
            self._schedule.record_new_statistics()

    async def recompute(self, store: Store) -> list[Event]:
        """Recompute around some of the dirty articles, and announce whose relatives changed.

        It claims their marks for 20 seconds and clears them at the end: if the worker dies, another
        one recomputes.
        """
        result = await self._recompute_once(store)
        events = await build_events({}, result, store) if result else []
        return self._wake_ups.select(events)

    async def recompute_if_due(self, store: Store) -> list[Event]:
        """The periodic task: recompute, but only now and then while there is a backlog.

        After a backlog it looks at the statistics of the feed first, so that everything is
        recomputed with those that stay.
        """
        if self._schedule.take_end_of_backlog(self._clock()):
            await self.update_statistics(store)
        is_due = self._schedule.is_due(self._clock())
        return await self.recompute(store) if is_due else []

    async def update_statistics_if_due(self, store: Store) -> list[Event]:
        """The periodic task, which leaves a backlog to the look at its end.

        In a backlog those articles have not all come that statistics are made of, the first ones by
        publication: each batch would change the statistics, and have everything recomputed.
        """
        if self._schedule.has_backlog(self._clock()):
            return []
        return await super().update_statistics_if_due(store)

    async def _recompute_once(self, store: Store) -> RecomputeResult | None:
        started, new_articles = self._clock(), self._schedule.take_new_articles()
        result = await self._recomputer.recompute(store, MAX_MARKS)
        if result:
            ended = self._clock()
            self._schedule.record_round(started, ended, result.articles, new_articles)
        return result

    async def update_statistics(self, store: Store) -> bool:
        """Publish the statistics of the feed if its articles changed them.

        Returns whether they did: then the articles that depend on them are dirty.
        """
        return await self._feed.refresh(store)
