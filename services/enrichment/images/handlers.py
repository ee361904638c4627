"""What images does: plans the pictures of articles, fetches them, and retries parked ones."""

import contextlib
import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from services.enrichment.images.scheduling.fetch_coordinator import FetchCoordinator
from services.enrichment.images.scheduling.fetch_planner import FetchPlanner
from services.enrichment.images.scheduling.stage_completion import complete_and_announce
from services.enrichment.images.storing.subscribers import find_subscribers
from shared import failpoints
from shared.broker.records import Event, Record
from shared.clock import Clock
from shared.concurrency.event_loop import LoopYielder
from shared.errors import UnprocessableRecord
from shared.events.article_events import build_article_ingested, read_article_ids
from shared.events.picture_events import read_wanted_pictures
from shared.log_context import add_log_fields
from shared.store import ParkedFetch, Store, StoredArticle
from shared.store.failed_tasks import forget_failures, load_failed

log = logging.getLogger(__name__)

LEASE: Final = timedelta(minutes=15)  # claimed work goes through a topic before it is attempted
MAX_CLAIMED: Final = 500
OVERDUE: Final = timedelta(minutes=10)  # then an event was lost, or there is much to do


class ImagesHandler:
    """The handlers and the periodic tasks. Every method returns events to send, and may be
    repeated at any point.

    *reads_pages*: whether an article without a picture gets one from its page.
    """

    def __init__(
        self, coordinator: FetchCoordinator, clock: Clock, reads_pages: bool = False
    ) -> None:
        self._coordinator = coordinator
        self._planner = FetchPlanner(coordinator, reads_pages=reads_pages)
        self._clock = clock

    async def plan(self, records: Sequence[Record], store: Store) -> list[Event]:
        """One event for each picture that announced articles miss, to the owner of its host."""
        articles = await store.articles.get(read_article_ids(records))
        return await self._plan(list(articles.values()), store)

    async def fetch(self, records: Sequence[Record], store: Store) -> list[Event]:
        """Fetch requested pictures and pages. An article whose last picture has come is complete.

        Outcomes are saved before the article is looked at: of two processes that finish its last
        two pictures at once, at least one sees both. Blocks until every key has an outcome or is
        parked.
        """
        requested = read_wanted_pictures(records)
        await failpoints.hit("parsed")
        finished = await self._coordinator.fetch_all(requested, store)
        await failpoints.hit("fetched")
        article_ids = {article_id for ids in requested.values() for article_id in ids}
        articles = await store.articles.get(article_ids)
        plan = await self._planner.plan_next(list(articles.values()), store)
        requested_at = min(record.timestamp for record in records)
        subscribers = await find_subscribers(requested, requested_at, store)
        enriched = await complete_and_announce(
            plan.completed, store, finished=finished, subscribers=subscribers
        )
        return [*plan.requests, *enriched]

    async def retry_parked(self, store: Store) -> list[Event]:
        """Send parked work that is due to the owners of its hosts."""
        claimed = await store.parked.claim(self._clock(), LEASE, MAX_CLAIMED)
        await failpoints.hit("claimed")
        try:
            return await self._planner.plan_retries(claimed, store)
        except UnprocessableRecord:
            return await self._retry_each(claimed, store)

    async def put_off_rejected(self, record: Record, reason: str, store: Store) -> None:
        """The request *record* was rejected: put its parked work off, if that is where it is from.

        Otherwise its lease would end, and it would be sent again without end.
        """
        with contextlib.suppress(UnprocessableRecord):
            requested = read_wanted_pictures([record])
            parked = await store.parked.find_by_urls(requested)
            concerned = [fetch for fetch in parked if fetch.article_id in requested[fetch.url]]
            await self._coordinator.put_off(concerned, reason, store)

    async def sweep(self, store: Store) -> list[Event]:
        """Announce articles again, as ingest does, that have waited for their pictures for long.

        It plans nothing itself: an article that cannot be planned is then rejected as a record, and
        stops no other. Related gets the events too, and bears them.
        """
        failed = await load_failed("images", store)
        waiting = await store.articles.get_pending_versions("images", failed)
        finished = [task for task in failed.values() if task.article_id not in waiting]
        await forget_failures(finished, store, "images", self._clock())
        at = self._clock()
        overdue = await store.articles.find_waiting("images", at - OVERDUE)
        events = [build_article_ingested(article, woken_at=at) for article in overdue]
        woken = dict.fromkeys((article.id for article in overdue), at)
        await store.articles.postpone("images", woken)
        return events

    async def _retry_each(self, claimed: Sequence[ParkedFetch], store: Store) -> list[Event]:
        """Plan the parked work of each article alone; put off that of those which fail."""
        by_article: dict[str, list[ParkedFetch]] = {}
        for fetch in claimed:
            by_article.setdefault(fetch.article_id, []).append(fetch)
        events: list[Event] = []
        for fetches in by_article.values():
            try:
                events += await self._planner.plan_retries(fetches, store)
            except UnprocessableRecord as error:
                with add_log_fields({"article": fetches[0].article_id}):
                    log.error("parked work of %s is put off: %s", fetches[0].article_id, error)
                await self._coordinator.put_off(fetches, str(error), store)
        return events

    async def _plan(self, articles: Sequence[StoredArticle], store: Store) -> list[Event]:
        yielder = LoopYielder()
        for article in articles:
            _ = article.article_without_related  # parsed here, once, and some are large
            await yielder.yield_if_due()
        plan = await self._planner.plan(articles, store)
        return [*plan.requests, *await complete_and_announce(plan.completed, store)]
