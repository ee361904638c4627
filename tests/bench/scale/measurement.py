"""Fills a store step by step, and looks for the candidates of new articles at every step."""

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
MAX_SECONDS_PER_STEP = 10.0  # for all queries of one step: enough of them are answered by then
MAX_SECONDS_PER_QUERY = 2.0  # an engine that needs more for one article goes no further


@dataclass(frozen=True)
class Step:
    """What was measured with so many *articles* in the store."""

    engine: str
    per_day: int
    articles: int
    in_window: int  # of them those that a new article could find
    candidates: float  # of a new article
    micros: float  # for finding one article's candidates, the median
    late_micros: float  # the same for an article from the middle of what is stored
    save_micros: float  # for saving one signature, of the latest ones
    rows: float  # per article
    bytes: float  # per article; 0 if the engine does not say

    def as_line(self) -> str:
        cells: list[str] = []
        for name, value in asdict(self).items():
            if name == "rows":
                cells.append(f"{name} {value:.1f}")
            elif isinstance(value, float):
                cells.append(f"{name} {value:,.0f}")
            else:
                cells.append(f"{name} {value}")
        return "  ".join(cells)


class Engine(Protocol):
    """What holds the store."""

    name: str

    async def measure_size(self, articles: int) -> tuple[float, float]:
        """Rows and bytes per article."""


async def measure(
    engine: Engine,
    store: Store,
    feed: Iterator[Signature],
    per_day: int,
    steps: Sequence[int],
    probes: int,
) -> AsyncIterator[Step]:
    """Yield a `Step` for each number of articles. Ends early if the engine becomes too slow."""
    filled = 0
    middle: list[Signature] = []
    for goal in steps:
        started = time.perf_counter()
        added = goal - filled
        while filled < goal:
            batch = list(islice(feed, min(BATCH, goal - filled)))
            await store.signatures.save(batch)
            filled += len(batch)
            if filled <= goal // 2 + BATCH:
                middle = batch
        seconds_to_save = (time.perf_counter() - started) / added
        newest = list(islice(feed, probes))
        candidates, seconds = await _query(store, newest)
        _, late_seconds = await _query(store, [*middle, *newest][:probes])
        rows, size = await engine.measure_size(filled)
        yield Step(
            engine=engine.name,
            per_day=per_day,
            articles=filled,
            in_window=min(filled, int(per_day * WINDOW.days)),
            candidates=candidates,
            micros=1e6 * seconds,
            late_micros=1e6 * late_seconds,
            save_micros=1e6 * seconds_to_save,
            rows=rows,
            bytes=size,
        )
        if seconds > MAX_SECONDS_PER_QUERY:
            return


async def _query(store: Store, signatures: Sequence[Signature]) -> tuple[float, float]:
    """Find the candidates of each signature, one call each.

    Returns their mean number, and the median time in seconds.
    """
    times: list[float] = []
    found = 0
    for signature in signatures:
        started = time.perf_counter()
        [candidates] = await store.signatures.find_candidates([signature], WINDOW, PER_TERM)
        times.append(time.perf_counter() - started)
        found += len(candidates)
        if sum(times) > MAX_SECONDS_PER_STEP:
            break
    return found / len(times), sorted(times)[len(times) // 2]
