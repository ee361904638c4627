"""Linking and publishing without Kafka: the services' own handlers over one store, in this process.

Events go from handler to handler, batch by batch, until none remains and nothing in the store
waits for anything but pictures. Events meant for consumers are collected in `announced`.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from services.console.progress import ProgressCallback, ignore_progress
from services.enrichment.related.stage import RelatedStage
from services.publishing.handlers import PublishingHandler
from shared.broker.records import Event, Record
from shared.clock import now
from shared.events.acknowledgements import save_acknowledgements
from shared.events.article_events import build_article_ingested
from shared.events.cloud_event import read_kind
from shared.events.topics import ENRICHED, INGESTED
from shared.store import Store, StoredArticle

BATCH: Final = 200  # the default batch of most workers


class OfflinePipeline:
    """*related* and *publishing* over *store*. No picture is fetched: known ones are used as is."""

    def __init__(
        self,
        store: Store,
        related: RelatedStage,
        publishing: PublishingHandler,
        report_progress: ProgressCallback = ignore_progress,
    ) -> None:
        self.announced: list[Event] = []
        self.related = related
        self._store = store
        self._publishing = publishing
        self._report_progress = report_progress

    async def process(self, articles: Sequence[StoredArticle]) -> None:
        """Bring these stored articles through linking and publishing, announced in this order."""
        events: list[Event] = []
        for start in range(0, len(articles), BATCH):
            batch = articles[start : start + BATCH]
            events += await self._link(batch)
            self._report_progress("linking", start + len(batch), len(articles))
        await self.finish(events)

    async def _link(self, batch: Sequence[StoredArticle]) -> list[Event]:
        records = [to_record(build_article_ingested(article)) for article in batch]
        events = await self.related.handle(records, self._store)
        versions = {article.id: article.version for article in batch}
        await self._store.articles.complete_stage("images", versions)
        await self._store.articles.mark_announced(versions)
        return events

    async def finish(self, events: Iterable[Event] = ()) -> None:
        """Handle *events*, dirty marks and everything that follows, until no work remains."""
        events = [*events, *await self._recompute()]
        while enriched := _select_enriched(events):
            await self._announce(event for event in events if event.topic != ENRICHED)
            events = await self._decide(enriched)
        await self._announce(events)

    async def _recompute(self) -> list[Event]:
        """Recompute dirty neighbourhoods until none is marked."""
        events: list[Event] = []
        total = remaining = await self._count_dirty()
        while remaining:
            events += await self.related.recompute(self._store)
            remaining = await self._count_dirty()
            self._report_progress("recomputing", max(0, total - remaining), total)
        return events

    async def _count_dirty(self) -> int:
        return await self._store.neighbourhoods.count_dirty()

    async def _decide(self, enriched: Sequence[Event]) -> list[Event]:
        events: list[Event] = []
        for start in range(0, len(enriched), BATCH):
            records = [to_record(event) for event in enriched[start : start + BATCH]]
            events += await self._publishing.handle(records, self._store)
            self._report_progress("deciding", start + len(records), len(enriched))
        return events

    async def _announce(self, events: Iterable[Event]) -> None:
        """Collect events and mark them in the store as acknowledged."""
        announced = [event for event in events if event.topic != INGESTED]
        await save_acknowledgements(announced, self._store)
        self.announced += announced


def _select_enriched(events: Iterable[Event]) -> list[Event]:
    """The `articles.enriched` events, one for each article and story, in order."""
    enriched: dict[tuple[bytes | None, str], Event] = {}
    for event in events:
        if event.topic == ENRICHED:
            enriched.setdefault((event.key, read_kind(event)), event)
    return list(enriched.values())


def to_record(event: Event) -> Record:
    """The record that Kafka would deliver for *event*."""
    return Record("offline", event.topic, 0, 0, now(), event.key, event.value, event.headers)
