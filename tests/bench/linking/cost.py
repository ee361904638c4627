"""What linking an article costs as the store fills: `make bench-cost`, or with arguments

    python -m tests.bench.linking.cost [STREAM] [ARTICLES] [BATCH]

The table has milliseconds of CPU per article, of the worker alone over SQLite: all its threads,
without start, ingest and Kafka. For each thousand articles of a labelled stream there is a row: the
cost to *handle* them, and to *recompute* around them in the periodic task, and what part of both is
the *store*'s thread. At the end comes what is left to recompute, and the whole. For comparison, the
same run measures the *floor*: to build the signatures, and to write and read them, as any linking
over a store has to.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from services.enrichment.related.features.signature import build_signature, build_signatures
from services.enrichment.related.main import build_handler
from services.enrichment.related.settings import RelatedSettings
from services.enrichment.related.stream import (
    BATCH,
    Line,
    build_record,
    parse_article,
    save_articles,
)
from shared.events.acknowledgements import save_acknowledgements
from shared.store import Store, StoredArticle, connect
from tests.bench.linking.streams import find_missing, load_articles

ARTICLES_PER_ROW: Final = 1000
COLUMNS: Final = ("handle", "recompute", "both", "store", "floor", "ratio")
BEGINNING: Final = datetime(2026, 1, 1, tzinfo=UTC)

Result = TypeVar("Result")
CpuSeconds = NDArray[np.float64]
"""Of all threads, and of all threads but this one."""


class CpuMeter:
    """Adds up the CPU time used while something is awaited."""

    def __init__(self) -> None:
        self._seconds = self._seconds_elsewhere = 0.0

    async def measure(self, work: Awaitable[Result]) -> Result:
        process, thread = time.process_time(), time.thread_time()
        result = await work
        used = time.process_time() - process
        used_here = time.thread_time() - thread
        self._seconds += used
        self._seconds_elsewhere += used - used_here
        return result

    def reset(self) -> CpuSeconds:
        """Return what was added up since the last time, and begin again."""
        used = np.array([self._seconds, self._seconds_elsewhere])
        self._seconds = self._seconds_elsewhere = 0.0
        return used


class MeasuredWorker:
    """A worker with a backlog.

    Its clock shows the CPU time of this process, so it recomputes as often as it would on an idle
    machine.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._handler = build_handler(RelatedSettings(), _read_cpu_clock)
        self.handling, self.recomputing = CpuMeter(), CpuMeter()

    async def link(self, lines: Sequence[Line], batch: int) -> list[StoredArticle]:
        """Handle *lines* batch by batch, with the periodic task in between.

        Returns the articles.
        """
        articles: list[StoredArticle] = []
        for start in range(0, len(lines), batch):
            saved = await save_articles(lines[start : start + batch], self._store)
            records = [build_record(article) for article in saved]
            handled = self._handler.handle(records, self._store)
            await save_acknowledgements(await self.handling.measure(handled), self._store)
            recomputed = self._handler.recompute_if_due(self._store)
            await save_acknowledgements(await self.recomputing.measure(recomputed), self._store)
            articles += saved
        return articles

    async def finish(self) -> None:
        """Recompute until nothing is dirty."""
        while await self._store.neighbourhoods.count_dirty():
            recomputed = self._handler.recompute(self._store)
            await save_acknowledgements(await self.recomputing.measure(recomputed), self._store)


def _read_cpu_clock() -> datetime:
    return BEGINNING + timedelta(seconds=time.process_time())


async def measure(lines: Sequence[Line], batch: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = connect(f"sqlite:///{folder}/store.sqlite?synchronous=normal")
        floor_store = connect(f"sqlite:///{folder}/floor.sqlite?synchronous=normal")
        await store.open()
        await floor_store.open()
        _load_tables()
        _print_head()
        worker, floor = MeasuredWorker(store), CpuMeter()
        total = np.zeros((3, 2))
        for start in range(0, len(lines), ARTICLES_PER_ROW):
            articles = await worker.link(lines[start : start + ARTICLES_PER_ROW], batch)
            await floor.measure(store_signatures(articles, floor_store, batch))
            spent = np.array([worker.handling.reset(), worker.recomputing.reset(), floor.reset()])
            _print_row(str(start + len(articles)), spent / len(articles))
            total += spent
        await worker.finish()
        total[1] += worker.recomputing.reset()
        _print_row("all, recomputed", total / len(lines))
        await store.close()
        await floor_store.close()


def _load_tables() -> None:
    """Build signatures of an English and another text: this loads the tables and py3langid."""
    for title in ("The comet is back", "Der Komet"):
        build_signature(parse_article({"id": title, "title": title}))


async def store_signatures(articles: Sequence[StoredArticle], store: Store, batch: int) -> None:
    for start in range(0, len(articles), batch):
        signatures = build_signatures(articles[start : start + batch])
        await store.signatures.save(signatures)
        await store.signatures.get([signature.article_id for signature in signatures])


def _print_head() -> None:
    columns = "".join(f"{name:>10}" for name in COLUMNS)
    print(f"{'articles':>15}{columns}   ms of CPU per article")


def _print_row(name: str, seconds: NDArray[np.float64]) -> None:
    """*seconds*: of handling, recomputing and the floor, each with that of the store's thread."""
    (handle, store_handling), (recompute, store_recomputing), (floor, _) = 1000 * seconds
    both = handle + recompute
    figures = [handle, recompute, both, store_handling + store_recomputing, floor, both / floor]
    columns = "".join(f"{figure:>10.2f}" for figure in figures)
    print(f"{name:>15}{columns}", flush=True)


def main(stream: str = "stream_mix_a", count: str = "1000000", batch: str = str(BATCH)) -> int:
    missing = find_missing()
    if missing is not None:
        print(f"Skipped: {missing}.")
        return 0
    asyncio.run(measure(load_articles(stream)[: int(count)], int(batch)))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
