"""What linking an article costs as the store fills: `make bench-cost`, or with arguments

    python -m tests.bench.linking.cost [STREAM] [ARTICLES] [BATCH]

Milliseconds of CPU an article, of the worker alone over SQLite (all its threads; without start, ingest and broker): for
each thousand articles of a labelled stream to handle them and, by the chore, to settle around them, and what part of
both is the *store*'s thread; in the end to settle what is left, and the whole. For comparison, in the same run, the
*floor*: to sign the articles, and to write and read what was signed, as any linking over a store has to.
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

from services.enrichment.related.features.signature import sign, sign_all
from services.enrichment.related.main import related
from services.enrichment.related.settings import RelatedSettings
from services.enrichment.related.stream import BATCH, Line, keep, record, stored
from shared.broker.sender import settle as announced
from shared.store import Store, StoredArticle, connect
from tests.bench.linking.streams import articles, missing

EACH: Final = 1000  # articles a row
COLUMNS: Final = ("handle", "settle", "both", "store", "floor", "ratio")
BEGINNING: Final = datetime(2026, 1, 1, tzinfo=UTC)

Result = TypeVar("Result")
Used = NDArray[np.float64]
"""Seconds of CPU: all, and what of it was used elsewhere than in this thread."""


class Meter:
    """Adds up the CPU that was used while something was awaited, and what of it other threads than this one used."""

    def __init__(self) -> None:
        self._seconds = self._elsewhere = 0.0

    async def measure(self, work: Awaitable[Result]) -> Result:
        before, here = time.process_time(), time.thread_time()
        result = await work
        used = time.process_time() - before
        self._seconds += used
        self._elsewhere += used - (time.thread_time() - here)
        return result

    def take(self) -> Used:
        """What came together since the last time."""
        used = np.array([self._seconds, self._elsewhere])
        self._seconds = self._elsewhere = 0.0
        return used


class MeasuredWorker:
    """One with a backlog. Its time is that of this process: so it settles as often as it would."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._worker = related(RelatedSettings(), _now)
        self.handling, self.settling = Meter(), Meter()

    async def link(self, lines: Sequence[Line], batch: int) -> list[StoredArticle]:
        """Handle them batch by batch, with the chore in between. Returns them as they are kept."""
        rows: list[StoredArticle] = []
        for start in range(0, len(lines), batch):
            part = await keep(lines[start : start + batch], self._store)
            handled = self._worker.handle([record(one) for one in part], self._store)
            await announced(await self.handling.measure(handled), self._store)
            await announced(
                await self.settling.measure(self._worker.settle_in_time(self._store)), self._store
            )
            rows += part
        return rows

    async def finish(self) -> None:
        """Do the chore until nothing is marked any more."""
        while (await self._store.relations.counts())["unsettled"]:
            await announced(
                await self.settling.measure(self._worker.settle(self._store)), self._store
            )


def _now() -> datetime:
    return BEGINNING + timedelta(seconds=time.process_time())


async def measure(lines: Sequence[Line], batch: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store, other = (
            connect(f"sqlite:///{folder}/{name}.sqlite?synchronous=normal")
            for name in ("store", "floor")
        )
        await store.open()
        await other.open()
        worker, floor = MeasuredWorker(store), Meter()
        for title in (
            "The comet is back",
            "Der Komet",
        ):  # plainly English and not: loads the tables, and py3langid
            sign(stored({"id": title, "title": title}))
        print(
            f"{'articles':>14}"
            + "".join(f"{name:>9}" for name in COLUMNS)
            + "   ms of CPU an article"
        )
        whole = np.zeros((3, 2))
        for start in range(0, len(lines), EACH):
            rows = await worker.link(lines[start : start + EACH], batch)
            await floor.measure(signed(rows, other, batch))
            spent = np.array([worker.handling.take(), worker.settling.take(), floor.take()])
            say(str(start + len(rows)), spent / len(rows))
            whole += spent
        await worker.finish()
        whole[1] += worker.settling.take()
        say("all, settled", whole / len(lines))
        await store.close()
        await other.close()


async def signed(rows: Sequence[StoredArticle], store: Store, batch: int) -> None:
    for start in range(0, len(rows), batch):
        signatures = sign_all(rows[start : start + batch])
        await store.relations.save(signatures)
        await store.relations.get([signature.article_id for signature in signatures])


def say(what: str, seconds: NDArray[np.float64]) -> None:
    """*seconds*: handling, settling and the floor, each with what of it the store's thread took."""
    (handle, store), (settle, more), (floor, _) = 1000 * seconds
    figures = [handle, settle, handle + settle, store + more, floor, (handle + settle) / floor]
    print(f"{what:>14}" + "".join(f"{figure:>9.2f}" for figure in figures), flush=True)


def main(stream: str = "stream_mix_a", count: str = "1000000", batch: str = str(BATCH)) -> int:
    if (why := missing()) is not None:
        print(f"Skipped: {why}.")
        return 0
    asyncio.run(measure(articles(stream)[: int(count)], int(batch)))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
