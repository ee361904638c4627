"""What an article costs as its story grows: `make bench-stories`, or

    python -m tests.bench.stories [ARTICLES] [BATCH] [SIZE ...]

For each size of stories the same number of articles comes in batches, first to related, then to
publishing, until nobody has anything left to do. Other news is there before them: in a feed of one
story alone, the centre of the feed would be that of the story. The table has milliseconds of CPU
per article of either service alone over SQLite: all its threads, without start, ingest and Kafka.
*looks* is how often publishing looked at an article. *largest* is the largest story that came of
it, and *lead* the rank of its lead among its members. A figure is the least of the repetitions.
Figures: docs/performance.md.
"""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.bench.stories.feed import build_feed, build_others
from tests.bench.stories.newsroom import Cost, measure
from tests.bench.stories.plot import draw

SIZES: Final = (1, 100, 200, 500, 1000, 2000)
OTHERS: Final = 500
REPETITIONS: Final = 2
PLOT: Final = Path("docs/benchmarks/stories.svg")


async def main(articles: int = 2000, batch: int = 20, sizes: Sequence[int] = SIZES) -> None:
    costs = await _measure_sizes(articles, batch, sizes)
    print(f"{articles} articles in batches of {batch}; ms of CPU per article")
    print(f"{'story':>6} {'largest':>8} {'lead':>5} {'links':>8} {'looks':>8}", end="")
    print(f" {'related':>9} {'publishing':>11} {'both':>8} {'times alone':>12}")
    for size in sizes:
        _print_row(size, costs[size], costs[sizes[0]])
    if [*sizes] == [*SIZES]:
        draw(costs, PLOT)


async def _measure_sizes(articles: int, batch: int, sizes: Sequence[int]) -> dict[int, Cost]:
    """The least cost of each size: what else the machine does can only add to it.

    All sizes are measured once before any is again, so that all see the same machine.
    """
    others = build_others(OTHERS)
    await measure([], others[:40], batch)  # loads tables and models
    costs: dict[int, Cost] = {}
    for _ in range(REPETITIONS):
        for size in sizes:
            cost = await measure(others, build_feed(articles, size), batch)
            costs[size] = min(cost, costs.get(size, cost), key=lambda measured: measured.total)
    return costs


def _print_row(size: int, cost: Cost, alone: Cost) -> None:
    print(f"{size:>6} {cost.largest:>8} {cost.lead:>5} {cost.links:>8} {cost.looks:>8}", end="")
    print(f" {cost.related:>9.2f} {cost.publishing:>11.2f} {cost.total:>8.2f}", end="")
    print(f" {cost.total / alone.total:>12.1f}")


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    asyncio.run(main(*given[:2], sizes=given[2:] or SIZES))
