"""`python -m tests.integration.related.linking_worker STORE PLACE SHARE OF`: one of several linking workers.

It handles every OF-th article of the store from the SHARE-th on, batch by batch, does its chore, and keeps how far it
came in the file PLACE afterwards, as a consumer commits its offset. Killed and started again it repeats its last batch.
"""

import asyncio
import sys
from pathlib import Path

from services.enrichment.related.main import related
from services.enrichment.related.settings import RelatedSettings
from shared.broker.records import Record
from shared.events.catalogue import ingested
from shared.store import StoredArticle, connect

BATCH = 20


async def work(url: str, place: Path, share: int, of: int) -> None:
    store = connect(url)
    await store.open()
    worker = related(RelatedSettings())
    articles = sorted(
        await store.articles.page(limit=100_000), key=lambda one: (one.accepted_at, one.id)
    )[share::of]
    start = int(place.read_text()) if place.exists() else 0
    while start < len(articles):
        await worker.handle([record(article) for article in articles[start : start + BATCH]], store)
        await worker.settle(store)
        start += BATCH
        place.write_text(str(start))
        print(start, flush=True)
    await store.close()


def record(article: StoredArticle) -> Record:
    event = ingested(article)
    return Record(
        "c", "articles.ingested", 0, 0, article.changed_at, event.key, event.value, event.headers
    )


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])))
