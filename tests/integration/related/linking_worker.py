"""One of several linking workers over a store.

    python -m tests.integration.related.linking_worker STORE PROGRESS FIRST TOTAL

It handles every TOTAL-th article of the store, from the FIRST on, batch by batch, and recomputes
after each batch. Afterwards it writes how far it got to the file PROGRESS, as a consumer commits
its offset. Killed and started again it repeats its last batch.
"""

import asyncio
import sys
from pathlib import Path

from services.enrichment.related.main import build_handler
from services.enrichment.related.settings import RelatedSettings
from services.enrichment.related.stream import build_record
from shared.store import connect

BATCH = 20


async def work(url: str, progress_file: Path, first: int, total: int) -> None:
    store = connect(url)
    await store.open()
    handler = build_handler(RelatedSettings())
    articles = await store.articles.list_page(limit=100_000)
    articles.sort(key=lambda article: (article.accepted_at, article.id))
    own = articles[first::total]
    start = int(progress_file.read_text()) if progress_file.exists() else 0
    while start < len(own):
        records = [build_record(article) for article in own[start : start + BATCH]]
        await handler.handle(records, store)
        await handler.recompute(store)
        start += BATCH
        progress_file.write_text(str(start))
        print(start, flush=True)
    await store.close()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])))
