"""What the stage *related* does where the seeds give the relations."""

import logging
from collections.abc import Iterable, Sequence

from services.enrichment.related.given.listed_urls import build_signatures
from services.enrichment.related.given.relation_update import LEASE, RelationUpdater
from services.enrichment.related.stage import RelatedStage
from services.enrichment.related.stage_events import build_events
from shared import failpoints
from shared.broker.records import Event, Record
from shared.clock import Clock
from shared.events.article_events import read_article_ids
from shared.store import Store, StoredArticle

log = logging.getLogger(__name__)

MAX_MARKS = 500  # articles related together


class GivenRelationsHandler(RelatedStage):
    """Takes the place of linking, with the same promises."""

    def __init__(self, clock: Clock, overdue_seconds: float) -> None:
        super().__init__(clock, overdue_seconds)
        self._updater = RelationUpdater(clock)

    async def start(self, store: Store) -> None:
        """Nothing is compared, so any reader will do."""
        log.info("the seeds give the relations: nothing is linked")

    async def update_statistics(self, store: Store) -> bool:
        """There are no statistics of the feed."""
        return False

    async def handle(self, records: Sequence[Record], store: Store) -> list[Event]:
        """Relate the articles that these `articles.ingested` records name.

        All is written to the store on return, so the offsets may be committed once the events are
        acknowledged. A repeated batch returns the same events, but wakes no story twice.
        """
        articles = await store.articles.get(read_article_ids(records))
        await failpoints.hit("parsed")
        await self.update_neighbours(articles.values(), store)
        result = await self._updater.update(articles.keys(), store)
        await failpoints.hit("saved")
        versions = {article_id: article.version for article_id, article in articles.items()}
        return self._wake_ups.select(await build_events(versions, result, store))

    async def update_neighbours(self, articles: Iterable[StoredArticle], store: Store) -> None:
        """Keep what the seeds of these articles list. Parsing them blocks the event loop."""
        await store.signatures.save(build_signatures(articles))

    async def recompute(self, store: Store) -> list[Event]:
        """Relate some of the articles that are marked dirty, by an override or before a crash.

        It claims their marks for 20 seconds and clears them at the end: if the worker dies, another
        one relates them.
        """
        marks = await store.neighbourhoods.claim_dirty(self._clock(), LEASE, MAX_MARKS)
        if not marks:
            return []
        result = await self._updater.update({mark.article_id for mark in marks}, store)
        await store.neighbourhoods.clear_dirty(marks)
        return self._wake_ups.select(await build_events({}, result, store))

    async def recompute_if_due(self, store: Store) -> list[Event]:
        """The periodic task. There is no backlog: each batch is related at once."""
        return await self.recompute(store)
