"""`make bench-images`: what fetching costs beside the bare clients, with several workers, beside a dead host.

Figures of one run are compared with figures of the same run: this machine's own speed does not count.
"""

import asyncio
import os
import statistics
from collections.abc import Sequence

import uvloop
from rich.console import Console
from rich.table import Table

from tests.bench.images import memory, workers
from tests.bench.images.hosts import hosts
from tests.bench.images.speed import HOSTS, IN_FLIGHT, WAYS, Run, compare
from tests.integration.images.hostile.server import deaf

REPEATS = int(os.environ.get("REPEATS", "2"))
PICTURES = 1_600  # of the good hosts, for workers
DEAD = 10_000
MEMORY = 5_000

console = Console()


def speed() -> None:
    """7: throughput and CPU beside the bare clients."""
    table = _table("latency", "way", "pictures/s#", "CPU ms#", "/ httpx#", "/ httpx2#", title=f"{IN_FLIGHT} in flight")
    for seconds in (0.02, 0.2):
        with hosts(seconds, HOSTS) as port:
            runs = uvloop.run(compare(port, 900, REPEATS + 1))
        for way in WAYS:
            table.add_row(f"{seconds * 1000:.0f} ms", way, *_figures(runs, way))
    console.print(table)


def _table(*columns: str, title: str) -> Table:
    """Columns whose name ends in # hold numbers."""
    table = Table(title=title)
    for column in columns:
        table.add_column(column.rstrip("#"), justify="right" if column.endswith("#") else "left")
    return table


def _figures(runs: dict[str, list[Run]], way: str) -> list[str]:
    rate = statistics.median(run.rate for run in runs[way])
    cpu = statistics.median(run.cpu for run in runs[way])
    return [f"{rate:.0f}", f"{cpu:.2f}", *(f"{_ratio(runs[way], runs[bare]):.2f}" for bare in ("httpx", "httpx2"))]


def _ratio(ours: Sequence[Run], bare: Sequence[Run]) -> float:
    """The median of the ratios of runs that were made next to each other."""
    return statistics.median(one.rate / other.rate for one, other in zip(ours, bare, strict=True))


def processes() -> None:
    """3 and 7: one worker, two, and one beside a dead host; hosts that need 200 ms."""
    names = workers.balanced(HOSTS)
    with hosts(0.2, 1_000) as port, deaf("127.3.0.1") as nowhere:
        good = [f"http://{names[n % HOSTS]}:{port}/{n}.jpg" for n in range(PICTURES)]
        dead = [f"http://127.3.0.1:{nowhere}/{n}.jpg" for n in range(DEAD)]
        runs: dict[str, list[float]] = {"one worker": [], "two workers": [], "one, and a dead host": []}
        for _ in range(REPEATS):
            runs["one worker"].append(_rate(1, good))
            runs["two workers"].append(_rate(2, good))
            runs["one, and a dead host"].append(_rate(1, good, dead))
    table = _table("workers", "pictures/s#", "to one worker#", title=f"{PICTURES} pictures, {HOSTS} hosts of 200 ms")
    for what, rates in runs.items():
        ratio = statistics.median(rate / one for rate, one in zip(rates, runs["one worker"], strict=True))
        table.add_row(what, f"{statistics.median(rates):.0f}", f"{ratio:.2f}")
    console.print(table)
    console.print(f"the dead host had {DEAD:,} pictures")


def _rate(number: int, good: Sequence[str], dead: Sequence[str] = ()) -> float:
    with workers.workers(number) as started:
        return len(good) / asyncio.run(workers.seconds_until_kept(started, number, good, dead))


def flat() -> None:
    """The memory of one worker."""
    with hosts(0, HOSTS) as port:
        points = memory.measured(port, MEMORY)
    table = _table("pictures#", "MB#", title="memory of one worker")
    for number, megabytes in points:
        table.add_row(f"{number}", f"{megabytes:.0f}")
    console.print(table)
    console.print(f"slope over the later half: {memory.slope(points):+.2f} MB for every 1,000 pictures")


def main() -> None:
    speed()
    processes()
    flat()


if __name__ == "__main__":
    main()
