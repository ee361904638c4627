"""What images does: plans the pictures of articles, fetches them, and retries parked ones."""

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
from shared.events.article_events import read_article_ids
from shared.events.picture_events import read_wanted_pictures
from shared.store import Store, StoredArticle

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
        return await self._planner.plan_retries(claimed, store)

    async def sweep(self, store: Store) -> list[Event]:
        """Plan articles again that have waited for their pictures for long."""
        overdue = await store.articles.find_waiting("images", self._clock() - OVERDUE)
        return await self._plan(overdue, store)

    async def _plan(self, articles: Sequence[StoredArticle], store: Store) -> list[Event]:
        plan = await self._planner.plan(articles, store)
        return [*plan.requests, *await complete_and_announce(plan.completed, store)]
