"""What linking an article costs as the store fills: `make bench-cost`, or with arguments

    python -m tests.bench.linking.cost [STREAM] [ARTICLES] [BATCH]

Milliseconds of CPU an article, of the worker alone over SQLite (all its threads; without start, ingest and broker), for
each thousand articles of a labelled stream: to handle them, and to settle around them by the chore. For comparison the
*floor*: to sign them, and to write and read what was signed, as any linking over a store has to.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Sequence
from typing import Final, TypeVar

from services.enrichment.related.handlers import FEW, Related
from services.enrichment.related.main import related
from services.enrichment.related.settings import RelatedSettings
from services.enrichment.related.signature import sign
from services.enrichment.related.stream import BATCH, BATCHES, Line, keep, record, stored
from shared.broker.sender import settle as announced
from shared.store import Store, StoredArticle, connect
from tests.bench.linking.streams import articles, missing

EACH: Final = 1000  # articles a row

Result = TypeVar("Result")


class Meter:
    """Adds up the CPU that was used while something was awaited."""

    def __init__(self) -> None:
        self.seconds = 0.0

    async def measure(self, work: Awaitable[Result]) -> Result:
        before = time.process_time()
        result = await work
        self.seconds += time.process_time() - before
        return result


async def measure(lines: Sequence[Line], batch: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store, other = (connect(f"sqlite:///{folder}/{name}.sqlite?synchronous=normal") for name in ("store", "floor"))
        await store.open()
        await other.open()
        worker = related(RelatedSettings())
        for title in ("The comet is back", "Der Komet"):  # plainly English and not: loads the tables, and py3langid
            sign(stored({"id": title, "title": title}))
        print(f"{'articles':>10}{'handle':>9}{'settle':>9}{'both':>9}{'floor':>9}{'ratio':>9}   ms of CPU an article")
        for start in range(0, len(lines), EACH):
            part = lines[start : start + EACH]
            meters = [Meter(), Meter(), Meter()]
            rows = await linked(worker, part, store, batch, *meters[:2])
            await meters[2].measure(floor(rows, other, batch))
            say(start + len(part), [1000 * meter.seconds / len(part) for meter in meters])
        await store.close()
        await other.close()


async def linked(
    worker: Related, lines: Sequence[Line], store: Store, batch: int, handling: Meter, settling: Meter
) -> list[StoredArticle]:
    """As a worker does: a small batch is settled with its articles, of a backlog some each second."""
    rows: list[StoredArticle] = []
    for number, start in enumerate(range(0, len(lines), batch), 1):
        part = await keep(lines[start : start + batch], store)
        await announced(await handling.measure(worker.handle([record(one) for one in part], store)), store)
        if batch > FEW and number % BATCHES == 0:
            await announced(await settling.measure(worker.settle(store)), store)
        rows += part
    return rows


async def floor(rows: Sequence[StoredArticle], store: Store, batch: int) -> None:
    for start in range(0, len(rows), batch):
        signatures = [sign(row) for row in rows[start : start + batch]]
        await store.relations.save(signatures)
        await store.relations.get([signature.article_id for signature in signatures])


def say(done: int, figures: Sequence[float]) -> None:
    handle, settle, least = figures
    both = handle + settle
    print(f"{done:>10}{handle:>9.2f}{settle:>9.2f}{both:>9.2f}{least:>9.2f}{both / least:>9.1f}", flush=True)


def main(stream: str = "stream_mix_a", count: str = "1000000", batch: str = str(BATCH)) -> int:
    if (why := missing()) is not None:
        print(f"Skipped: {why}.")
        return 0
    asyncio.run(measure(articles(stream)[: int(count)], int(batch)))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
