"""What publishing an article costs: `make bench-publishing`, or

    python -m tests.bench.publishing [BATCH]

The table has milliseconds of CPU per article, of publishing alone over SQLite: all its threads,
without start, ingest, linking and Kafka. *looks* is how many records publishing handled.

Articles arrive in batches. Linking's part is played here: it saves the links of the batch to all
articles that are there already, and has the articles of the batch decided. Whom else that concerns
publishing finds out. Each feed is also measured without its links. Figures: docs/publishing.md.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.publishing.handlers import PublishingHandler
from services.publishing.main import build_handler
from services.publishing.settings import PublishingSettings
from shared.broker.records import Event, Record
from shared.clock import now
from shared.events.acknowledgements import save_acknowledgements
from shared.events.article_events import build_article_enriched
from shared.events.topics import ENRICHED
from shared.store import Store, StoredArticle, connect
from tests.bench.publishing.feeds import (
    Feed,
    build_dense_story,
    first_write,
    link_feed,
    links_of,
    load_azure_feed,
)

BATCH = 200  # records, as a worker takes them by default
BATCHES = (200, 20)
DENSE_STORY = 200  # articles


@dataclass
class Cost:
    looks: int = 0
    seconds: float = 0


async def measure(feed: Feed, batch: int) -> Cost:
    """Bring *feed* through publishing, *batch* articles at a time."""
    with tempfile.TemporaryDirectory() as folder:
        store = connect(f"sqlite:///{folder}/bench.sqlite?synchronous=normal")
        await store.open()
        try:
            return await _publish(feed, batch, store)
        finally:
            await store.close()


async def _publish(feed: Feed, batch: int, store: Store) -> Cost:
    publishing = build_handler(PublishingSettings(publish_heat_per_relative=20))
    pairs_by_end: dict[str, set[tuple[str, str]]] = {}
    for pair in feed.pairs:
        for end in pair:
            pairs_by_end.setdefault(end, set()).add(pair)
    cost = Cost()
    arrived: set[str] = set()
    for start in range(0, len(feed.articles), batch):
        articles = feed.articles[start : start + batch]
        ids = [article.id for article in articles]
        arrived.update(ids)
        pairs = set()
        for article_id in ids:
            for pair in pairs_by_end.get(article_id, ()):
                if arrived.issuperset(pair):
                    pairs.add(pair)
        woken = await _link(articles, pairs, store)
        await _decide(woken, publishing, store, cost)
    return cost


async def _link(
    articles: Sequence[StoredArticle], pairs: set[tuple[str, str]], store: Store
) -> list[str]:
    """What linking leaves for publishing: the new articles to decide, in no order that helps."""
    await store.articles.save([first_write(article) for article in articles])
    await store.links.save(links_of(pairs))
    versions = {article.id: 1 for article in articles}
    await store.articles.mark_announced(versions)
    await store.articles.complete_stage("images", versions)
    await store.articles.complete_stage("related", versions, versions)
    return sorted(versions)


async def _decide(
    woken: Iterable[str], publishing: PublishingHandler, store: Store, cost: Cost
) -> None:
    """Decide them and all that they wake, in batches as Kafka would deliver them."""
    queue = list(woken)
    while queue:
        ids, queue = queue[:BATCH], queue[BATCH:]
        records = [_build_record(article_id) for article_id in ids]
        started = time.process_time()
        events = await publishing.handle(records, store)
        cost.seconds += time.process_time() - started
        cost.looks += len(ids)
        await save_acknowledgements(events, store)
        queue += [event.key.decode() for event in events if event.topic == ENRICHED and event.key]


def _build_record(article_id: str) -> Record:
    event: Event = build_article_enriched(article_id, "related", f"{article_id}.v1")
    return Record("bench", ENRICHED, 0, 0, now(), event.key, event.value, event.headers)


async def main(batches: Sequence[int]) -> None:
    azure, dense = load_azure_feed(), build_dense_story(DENSE_STORY)
    feeds = (dense, azure, await link_feed(azure))
    header = f"{'feed':<28} {'articles':>8} {'links':>7} {'batch':>6} {'looks':>7}"
    print(f"{header} {'seconds':>8} {'ms/article':>11} {'times unrelated':>16}")
    for batch in batches:
        for feed in feeds:
            unrelated = await measure(feed.without_links(), batch)
            related = await measure(feed, batch)
            for measured, cost in ((feed.without_links(), unrelated), (feed, related)):
                count = len(measured.articles)
                ratio = cost.seconds / unrelated.seconds
                print(
                    f"{measured.name:<28} {count:>8} {len(measured.pairs):>7} {batch:>6}"
                    f" {cost.looks:>7} {cost.seconds:>8.2f}"
                    f" {1000 * cost.seconds / count:>11.2f} {ratio:>16.1f}",
                    flush=True,
                )


if __name__ == "__main__":
    asyncio.run(main([int(argument) for argument in sys.argv[1:]] or BATCHES))
