"""What an article costs as its story grows: `make bench-stories`, or

    python -m tests.bench.stories [ARTICLES] [BATCH]

For each size of stories the same number of articles comes in batches, first to related, then to
publishing, until nobody has anything left to do. The table has milliseconds of CPU per article of
either service alone over SQLite: all its threads, without start, ingest and Kafka. *looks* is how
often publishing looked at an article. *largest* is the largest story that came of it. Figures:
docs/publishing.md.
"""

import asyncio
import sys
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
from shared.store import Store, connect, pages
from tests.bench.linking.cost import CpuMeter
from tests.bench.stories.feed import build_feed

SIZES: Final = (1, 100, 200, 500, 1000, 2000)
BEGINNING: Final = datetime(2026, 1, 1, tzinfo=UTC)
PUBLISHING_BATCH: Final = 200  # records, as a worker takes them by default
RECOMPUTE_PERIOD: Final = timedelta(seconds=RelatedSettings().related_recompute_seconds)


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

    async def finish(self) -> None:
        """Recompute until nothing is dirty."""
        while await self.store.neighbourhoods.count_dirty():
            await self._link(self.related.recompute(self.store))

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


async def measure(lines: Sequence[dict[str, Any]], batch: int) -> tuple[Newsroom, int, int]:
    """The newsroom after all *lines*, its links, and its largest story."""
    with tempfile.TemporaryDirectory() as folder:
        store = connect(f"sqlite:///{folder}/bench.sqlite?synchronous=normal")
        await store.open()
        related = build_related(RelatedSettings(), _read_cpu_clock)
        newsroom = Newsroom(store, related, build_publishing(PublishingSettings()))
        try:
            for start in range(0, len(lines), batch):
                await newsroom.take_in(lines[start : start + batch])
            await newsroom.finish()
            sizes = [1]
            async for page in pages(store.stories.list_page):
                sizes += [len(story.members) for story in page]
            return newsroom, await store.links.count(), max(sizes)
        finally:
            await store.close()


async def main(articles: int = 2000, batch: int = 20, sizes: Sequence[int] = SIZES) -> None:
    print(f"{articles} articles in batches of {batch}; ms of CPU per article")
    print(f"{'story':>6} {'largest':>8} {'links':>8} {'looks':>8}", end="")
    print(f" {'related':>9} {'publishing':>11} {'both':>8} {'times alone':>12}")
    await measure(build_feed(40, 1), batch)  # loads tables and models
    alone = 0.0
    for size in sizes:
        newsroom, links, largest = await measure(build_feed(articles, size), batch)
        related, publishing = newsroom.linking.reset()[0], newsroom.deciding.reset()[0]
        alone = alone or related + publishing
        ms = [1000 * each / articles for each in (related, publishing, related + publishing)]
        print(f"{size:>6} {largest:>8} {links:>8} {newsroom.looks:>8}", end="")
        print(f" {ms[0]:>9.2f} {ms[1]:>11.2f} {ms[2]:>8.2f}", end="")
        print(f" {(related + publishing) / alone:>12.1f}", flush=True)


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    asyncio.run(main(*given[:2], sizes=given[2:] or SIZES))
