"""What linking an article costs as the store fills: `python -m tests.bench.linking.cost [STREAM] [ARTICLES] [BATCH]`.

Milliseconds of CPU an article, of the worker alone over SQLite (all its threads; without start, ingest and broker), for
each thousand articles of a labelled stream: to place them, to settle around them, and, for comparison, the *floor*: to
sign them, and to write and read what was signed, as any linking over a store has to.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Sequence
from typing import Final

from services.enrichment.related.handlers import FEW, Related
from services.enrichment.related.main import related
from services.enrichment.related.settings import RelatedSettings
from services.enrichment.related.signature import sign
from services.enrichment.related.stream import BATCH, BATCHES, stored
from shared.store import Store, StoredArticle, connect
from tests.bench.linking.streams import articles

EACH: Final = 1000  # articles a row


class Meter:
    """Adds up the CPU that was used while something was awaited."""

    def __init__(self) -> None:
        self.seconds = 0.0

    async def measure(self, work: Awaitable[object]) -> None:
        before = time.process_time()
        await work
        self.seconds += time.process_time() - before


async def measure(rows: Sequence[StoredArticle], batch: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        stores = [connect(f"sqlite:///{folder}/{name}.sqlite?synchronous=normal") for name in ("store", "floor")]
        for store in stores:
            await store.open()
        worker = related(RelatedSettings())
        sign(rows[0])  # loads the tables
        print(f"{'articles':>10}{'place':>9}{'settle':>9}{'both':>9}{'floor':>9}{'ratio':>9}   ms of CPU an article")
        for start in range(0, len(rows), EACH):
            part = rows[start : start + EACH]
            meters = [Meter(), Meter(), Meter()]
            await linked(worker, part, stores[0], batch, *meters[:2])
            await meters[2].measure(floor(part, stores[1], batch))
            say(start + len(part), [1000 * meter.seconds / len(part) for meter in meters])
        for store in stores:
            await store.close()


async def linked(
    worker: Related, rows: Sequence[StoredArticle], store: Store, batch: int, placing: Meter, settling: Meter
) -> None:
    """As a worker does: a small batch is settled with its articles, of a backlog some each second."""
    for number, start in enumerate(range(0, len(rows), batch), 1):
        part = rows[start : start + batch]
        await placing.measure(worker.place(part, store))
        if batch <= FEW or number % BATCHES == 0:
            await settling.measure(worker.settle(store))


async def floor(rows: Sequence[StoredArticle], store: Store, batch: int) -> None:
    for start in range(0, len(rows), batch):
        signatures = [sign(row) for row in rows[start : start + batch]]
        await store.relations.save(signatures)
        await store.relations.get([signature.article_id for signature in signatures])


def say(done: int, figures: Sequence[float]) -> None:
    place, settle, least = figures
    both = place + settle
    print(f"{done:>10}{place:>9.2f}{settle:>9.2f}{both:>9.2f}{least:>9.2f}{both / least:>9.1f}", flush=True)


def main(stream: str = "stream_mix_a", count: str = "1000000", batch: str = str(BATCH)) -> None:
    asyncio.run(measure([stored(row) for row in articles(stream)[: int(count)]], int(batch)))


if __name__ == "__main__":
    main(*sys.argv[1:])
