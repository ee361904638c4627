"""What linking an article costs as the store fills: `make bench-cost`, or with arguments

    python -m tests.bench.linking.cost [STREAM] [ARTICLES] [BATCH]

Milliseconds of CPU an article, of the worker alone over SQLite (all its threads; without start, ingest and broker): for
each thousand articles of a labelled stream to handle them and, by the chore, to settle around them; in the end to
settle what is left, and the whole. For comparison, in the same run, the *floor*: to sign the articles, and to write and
read what was signed, as any linking over a store has to.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

from services.enrichment.related.main import related
from services.enrichment.related.settings import RelatedSettings
from services.enrichment.related.signature import sign
from services.enrichment.related.stream import BATCH, Line, keep, record, stored
from shared.broker.sender import settle as announced
from shared.store import Store, StoredArticle, connect
from tests.bench.linking.streams import articles, missing

EACH: Final = 1000  # articles a row
BEGINNING: Final = datetime(2026, 1, 1, tzinfo=UTC)

Result = TypeVar("Result")


class Meter:
    """Adds up the CPU that was used while something was awaited."""

    def __init__(self) -> None:
        self._seconds = 0.0

    async def measure(self, work: Awaitable[Result]) -> Result:
        before = time.process_time()
        result = await work
        self._seconds += time.process_time() - before
        return result

    def take(self) -> float:
        """What came together since the last time."""
        seconds, self._seconds = self._seconds, 0.0
        return seconds


class Desk:
    """A worker with a backlog, measured. Its time is that of this process: so it settles as often as it would."""

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
            await announced(await self.settling.measure(self._worker.settle_in_time(self._store)), self._store)
            rows += part
        return rows

    async def finish(self) -> None:
        """Do the chore until nothing is marked any more."""
        while (await self._store.relations.counts())["unsettled"]:
            await announced(await self.settling.measure(self._worker.settle(self._store)), self._store)


def _now() -> datetime:
    return BEGINNING + timedelta(seconds=time.process_time())


async def measure(lines: Sequence[Line], batch: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store, other = (connect(f"sqlite:///{folder}/{name}.sqlite?synchronous=normal") for name in ("store", "floor"))
        await store.open()
        await other.open()
        desk, floor = Desk(store), Meter()
        for title in ("The comet is back", "Der Komet"):  # plainly English and not: loads the tables, and py3langid
            sign(stored({"id": title, "title": title}))
        print(f"{'articles':>14}{'handle':>9}{'settle':>9}{'both':>9}{'floor':>9}{'ratio':>9}   ms of CPU an article")
        whole = [0.0, 0.0, 0.0]
        for start in range(0, len(lines), EACH):
            rows = await desk.link(lines[start : start + EACH], batch)
            await floor.measure(signed(rows, other, batch))
            spent = [desk.handling.take(), desk.settling.take(), floor.take()]
            say(str(start + len(rows)), spent, len(rows))
            whole = [one + more for one, more in zip(whole, spent, strict=True)]
        await desk.finish()
        whole[1] += desk.settling.take()
        say("all, settled", whole, len(lines))
        await store.close()
        await other.close()


async def signed(rows: Sequence[StoredArticle], store: Store, batch: int) -> None:
    for start in range(0, len(rows), batch):
        signatures = [sign(row) for row in rows[start : start + batch]]
        await store.relations.save(signatures)
        await store.relations.get([signature.article_id for signature in signatures])


def say(what: str, seconds: Sequence[float], articles: int) -> None:
    handle, settle, least = (1000 * one / articles for one in seconds)
    both = handle + settle
    print(f"{what:>14}{handle:>9.2f}{settle:>9.2f}{both:>9.2f}{least:>9.2f}{both / least:>9.1f}", flush=True)


def main(stream: str = "stream_mix_a", count: str = "1000000", batch: str = str(BATCH)) -> int:
    if (why := missing()) is not None:
        print(f"Skipped: {why}.")
        return 0
    asyncio.run(measure(articles(stream)[: int(count)], int(batch)))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
