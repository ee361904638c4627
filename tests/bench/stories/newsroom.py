"""Linking and publishing over one store, and what an article of a story costs them."""

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import process_time
from typing import Any, Final

from services.enrichment.related.main import build_handler as build_related
from services.enrichment.related.settings import RelatedSettings
from services.enrichment.related.stage import RelatedStage
from services.enrichment.related.stream import build_record, save_articles
from services.publishing.handlers import PublishingHandler
from services.publishing.main import build_handler as build_publishing
from services.publishing.settings import PublishingSettings
from shared.broker.records import Event, Record
from shared.events.acknowledgements import save_acknowledgements
from shared.events.topics import ENRICHED
from shared.store import Store, Story, connect, pages
from tests.bench.linking.cost import CpuMeter
from tests.bench.stories.feed import Lines

BEGINNING: Final = datetime(2026, 1, 1, tzinfo=UTC)
PUBLISHING_BATCH: Final = 200  # records, as a worker takes them by default
RECOMPUTE_PERIOD: Final = timedelta(seconds=RelatedSettings().related_recompute_seconds)


@dataclass(frozen=True)
class Cost:
    """Milliseconds of CPU an article, and what came of the articles.

    *looks* is how often publishing looked at one. *largest* is the size of the largest story, and
    *lead* the rank of its lead among its members: the first is to lead it.
    """

    related: float
    publishing: float
    links: int
    looks: int
    largest: int
    lead: int

    @property
    def total(self) -> float:
        return self.related + self.publishing


@dataclass
class Newsroom:
    """Both services over one store, and what they cost."""

    store: Store
    related: RelatedStage
    publishing: PublishingHandler
    linking: CpuMeter = field(default_factory=CpuMeter)
    deciding: CpuMeter = field(default_factory=CpuMeter)
    looks: int = 0
    _next_task: datetime = BEGINNING

    async def work_off(self, lines: Lines, batch: int) -> None:
        """Take in *lines* in batches, and recompute until nothing is dirty."""
        for start in range(0, len(lines), batch):
            await self.take_in(lines[start : start + batch])
        while await self.store.neighbourhoods.count_dirty():
            await self._link(self.related.recompute(self.store))

    def forget_costs(self) -> None:
        self.linking, self.deciding, self.looks = CpuMeter(), CpuMeter(), 0

    async def take_in(self, lines: Sequence[dict[str, Any]]) -> None:
        """Link the articles of one batch, and decide all that follows."""
        articles = await save_articles(lines, self.store)
        versions = {article.id: article.version for article in articles}
        await self.store.articles.complete_stage("images", versions)
        records = [build_record(article) for article in articles]
        await self._link(self.related.handle(records, self.store))
        if _read_cpu_clock() >= self._next_task:
            self._next_task = _read_cpu_clock() + RECOMPUTE_PERIOD
            await self._link(self.related.recompute_if_due(self.store))

    async def _link(self, work: Any) -> None:
        events = await self.linking.measure(work)
        await save_acknowledgements(events, self.store)
        await self._decide(_list_enriched(events))

    async def _decide(self, woken: Iterable[Record]) -> None:
        """Decide them and all whom they wake, in batches as Kafka would deliver them."""
        queue = list(woken)
        while queue:
            records, queue = queue[:PUBLISHING_BATCH], queue[PUBLISHING_BATCH:]
            events = await self.deciding.measure(self.publishing.handle(records, self.store))
            self.looks += len(records)
            await save_acknowledgements(events, self.store)
            queue += _list_enriched(events)


def _list_enriched(events: Iterable[Event]) -> list[Record]:
    records = []
    for event in events:
        if event.topic == ENRICHED:
            value = (event.key, event.value, event.headers)
            records.append(Record("bench", ENRICHED, 0, 0, BEGINNING, *value))
    return records


def _read_cpu_clock() -> datetime:
    """So a worker recomputes as often as it would on an idle machine."""
    return BEGINNING + timedelta(seconds=process_time())


async def measure(others: Lines, lines: Lines, batch: int) -> Cost:
    """What *lines* cost in batches, in a newsroom that has the unrelated *others* already."""
    with tempfile.TemporaryDirectory() as folder:
        store = connect(f"sqlite:///{folder}/bench.sqlite?synchronous=normal")
        await store.open()
        related = build_related(RelatedSettings(), _read_cpu_clock)
        newsroom = Newsroom(store, related, build_publishing(PublishingSettings()))
        try:
            await newsroom.work_off(others, batch)
            newsroom.forget_costs()
            await newsroom.work_off(lines, batch)
            return await _describe(newsroom, len(lines))
        finally:
            await store.close()


async def _describe(newsroom: Newsroom, articles: int) -> Cost:
    links = await newsroom.store.links.count()
    largest, lead = await _describe_largest_story(newsroom.store)
    related, publishing = newsroom.linking.reset()[0], newsroom.deciding.reset()[0]
    return Cost(
        related=1000 * related / articles,
        publishing=1000 * publishing / articles,
        links=links,
        looks=newsroom.looks,
        largest=largest,
        lead=lead,
    )


async def _describe_largest_story(store: Store) -> tuple[int, int]:
    """How many articles it has, and the rank of its lead; 1 and 1 without a story."""
    largest: Story | None = None
    async for page in pages(store.stories.list_page):
        for story in page:
            if largest is None or len(story.members) > len(largest.members):
                largest = story
    if largest is None:
        return 1, 1
    members = await store.articles.get(largest.members)
    # All have the same quality, so of two articles the earlier one stands before the other.
    ranked = sorted(members.values(), key=lambda stored: (stored.accepted_at, stored.id))
    return len(ranked), [stored.id for stored in ranked].index(largest.lead) + 1
