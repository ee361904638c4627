"""Fills a store step by step, and asks it for the candidates of new articles at every step."""

import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from itertools import islice
from typing import Protocol

from services.enrichment.related.settings import RelatedSettings
from shared.store import Signature, Store

BATCH = 2000
WINDOW = timedelta(days=RelatedSettings.model_fields["related_window_days"].default)
PER_TERM = RelatedSettings.model_fields["related_per_term"].default
PATIENCE_SECONDS = 10.0  # for all the questions of one step: enough of them are asked by then
TOO_SLOW_SECONDS = 2.0  # for one article's candidates: what is slower goes no further


@dataclass(frozen=True)
class Step:
    """What was seen with so many *articles* in the store."""

    engine: str
    a_day: int
    articles: int
    in_window: int  # of them a new article could find
    candidates: float  # for a new article
    micros: float  # for one article's candidates, the median
    late_micros: float  # the same for an article from the middle of what is stored
    save_micros: float  # to keep one signature, of the latest ones
    rows: float  # for each article
    bytes: float  # for each article; 0 where the engine does not say

    def line(self) -> str:
        cells = {
            name: f"{value:,.0f}" if isinstance(value, float) else value
            for name, value in asdict(self).items()
        }
        cells["rows"] = f"{self.rows:.1f}"
        return "  ".join(f"{name} {value}" for name, value in cells.items())


class Engine(Protocol):
    """What holds the store, and what its tables take."""

    name: str

    async def size(self, articles: int) -> tuple[float, float]:
        """Rows and bytes for each article."""


async def measure(
    engine: Engine,
    store: Store,
    feed: Iterator[Signature],
    a_day: int,
    steps: Sequence[int],
    probes: int,
) -> AsyncIterator[Step]:
    """A `Step` each time that the store holds so many articles; ends early where the engine becomes too slow."""
    filled, middle = 0, list[Signature]()
    for goal in steps:
        started = time.perf_counter()
        added = goal - filled
        while filled < goal:
            batch = list(islice(feed, min(BATCH, goal - filled)))
            await store.relations.save(batch)
            filled += len(batch)
            if filled <= goal // 2 + BATCH:
                middle = batch
        saving = (time.perf_counter() - started) / added
        newest = list(islice(feed, probes))
        candidates, seconds = await _ask(store, newest)
        _, late = await _ask(store, [*middle, *newest][:probes])
        rows, size = await engine.size(filled)
        in_window = min(filled, int(a_day * WINDOW.days))
        yield Step(
            engine.name,
            a_day,
            filled,
            in_window,
            candidates,
            1e6 * seconds,
            1e6 * late,
            1e6 * saving,
            rows,
            size,
        )
        if seconds > TOO_SLOW_SECONDS:
            return


async def _ask(store: Store, articles: Sequence[Signature]) -> tuple[float, float]:
    """Candidates of each of *articles*, one call each: how many (mean), and how long in seconds (median)."""
    took, found = [], 0
    for one in articles:
        started = time.perf_counter()
        [candidates] = await store.relations.candidates([one], WINDOW, PER_TERM)
        took.append(time.perf_counter() - started)
        found += len(candidates)
        if sum(took) > PATIENCE_SECONDS:
            break
    return found / len(took), sorted(took)[len(took) // 2]
