"""`make bench-images`: fetching beside bare HTTP clients, two workers, a dead host, memory.

`PART="speed large two dead memory"` selects parts, `REPEATS=n` says how often each is measured.

Compare figures within one run only: the machine's own speed does not count.
"""

import asyncio
import os
import statistics
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import uvloop
from rich.console import Console
from rich.table import Table

from tests.bench.images.hosts import HOSTS, run_hosts
from tests.bench.images.memory import measure_memory, slope
from tests.bench.images.speed import WAYS, Run, compare
from tests.bench.images.worker import IN_FLIGHT
from tests.bench.images.worker_processes import (
    measure_rate,
    run_workers,
    select_balanced_hosts,
)
from tests.integration.images.hostile.server import unresponsive_host

REPEATS = int(os.environ.get("REPEATS", "2"))
SMALL_PICTURES = 900
LARGE_PICTURES = 80
GOOD_PICTURES = 3_000  # beside a dead host
DEAD_PICTURES = 10_000
# In hand of each of two workers, so that hosts are the limit and not this machine's cores: 40
# pictures a second at 200 ms.
FEW_IN_HAND = 8
# A minute for one worker: starting and ending must weigh little.
PICTURES_FOR_TWO = 2_000
MEMORY_PICTURES = 10_000  # SQLite's page cache, 2 MB, is full after some 6,000

console = Console()


def bench_speed() -> None:
    """Throughput and CPU beside the bare clients."""
    columns = ("latency", "way", "pictures/s#", "CPU ms#", "/ httpx#", "/ httpx2#")
    table = _build_table(*columns, title=f"{IN_FLIGHT} in flight")
    for seconds in (0.02, 0.2):
        with run_hosts(seconds, HOSTS) as port:
            runs = uvloop.run(compare(port, SMALL_PICTURES, REPEATS + 1))
        for way in WAYS:
            table.add_row(f"{seconds * 1000:.0f} ms", way, *_format_runs(runs, way))
    console.print(table)


def bench_large() -> None:
    """What a picture of the size that newsrooms have costs: 1200 x 675 pixels, 250 KB."""
    ways = ("httpx2", "fetch", "fetch and store", "all, with thumbnails")
    with run_hosts(0.02, HOSTS) as port:
        runs = uvloop.run(compare(port, LARGE_PICTURES, 1, "large", ways))
    title = "pictures of 1200 x 675 pixels, 250 KB"
    table = _build_table("way", "pictures/s#", "CPU ms#", title=title)
    for way in ways:
        run = runs[way][0]
        table.add_row(way, f"{run.rate:.0f}", f"{run.cpu:.1f}")
    console.print(table)


def bench_two_workers() -> None:
    """Two workers beside one, where the hosts are the limit."""
    with _run_far_hosts(PICTURES_FOR_TWO) as good:
        rates: dict[str, list[float]] = {"one": [], "two": []}
        for _ in range(REPEATS):
            for number, name in enumerate(rates, 1):
                rate = _measure_workers(number, good, SEEDWIRE_IMAGES_AT_ONCE=f"{FEW_IN_HAND}")
                rates[name].append(rate)
    title = f"workers with {FEW_IN_HAND} pictures in hand each, {HOSTS} hosts of 200 ms"
    _print_rates(rates, title)


def bench_dead_host() -> None:
    """A worker with default settings, alone and beside a dead host."""
    with _run_far_hosts(GOOD_PICTURES) as good, unresponsive_host("127.3.0.1") as port:
        dead = [f"http://127.3.0.1:{port}/{number}.jpg" for number in range(DEAD_PICTURES)]
        rates: dict[str, list[float]] = {"one": [], "one, and a dead host": []}
        for _ in range(REPEATS):
            rates["one"].append(_measure_workers(1, good))
            rates["one, and a dead host"].append(_measure_workers(1, good, dead))
    title = f"{GOOD_PICTURES:,} pictures of {HOSTS} hosts of 200 ms, {DEAD_PICTURES:,} dead"
    _print_rates(rates, title)


def bench_memory() -> None:
    """The memory of one worker."""
    with run_hosts(0, HOSTS) as port:
        points = measure_memory(port, MEMORY_PICTURES)
    title = "memory, every tenth picture 1200 x 675"
    table = _build_table("pictures#", "worker MB#", "decoders MB#", title=title)
    for point in points:
        table.add_row(f"{point.pictures}", f"{point.worker:.0f}", f"{point.decoders:.0f}")
    console.print(table)
    console.print(f"slope over the later half: {slope(points):+.2f} MB for every 1,000 pictures")


@contextmanager
def _run_far_hosts(pictures: int) -> Iterator[list[str]]:
    """Yields the URLs of so many pictures, at hosts that take 200 ms."""
    names = select_balanced_hosts(HOSTS)
    with run_hosts(0.2, 1_000) as port:
        yield [f"http://{names[n % HOSTS]}:{port}/{n}.jpg" for n in range(pictures)]


def _measure_workers(
    number: int, good: Sequence[str], dead: Sequence[str] = (), **settings: str
) -> float:
    with run_workers(number, **settings) as processes:
        return asyncio.run(measure_rate(processes, number, good, dead))


def _build_table(*columns: str, title: str) -> Table:
    """Columns whose name ends in # hold numbers."""
    table = Table(title=title)
    for column in columns:
        table.add_column(column.rstrip("#"), justify="right" if column.endswith("#") else "left")
    return table


def _format_runs(runs: dict[str, list[Run]], way: str) -> list[str]:
    rate = statistics.median(run.rate for run in runs[way])
    cpu = statistics.median(run.cpu for run in runs[way])
    ratios = [_compare_rates(runs[way], runs[bare]) for bare in ("httpx", "httpx2")]
    return [f"{rate:.0f}", f"{cpu:.2f}", *(f"{ratio:.2f}" for ratio in ratios)]


def _compare_rates(ours: Sequence[Run], bare: Sequence[Run]) -> float:
    """The median of the ratios of neighbouring runs."""
    return statistics.median(a.rate / b.rate for a, b in zip(ours, bare, strict=True))


def _print_rates(rates: dict[str, list[float]], title: str) -> None:
    """Each row beside the first, whose runs are its neighbours."""
    table = _build_table("workers", "pictures/s#", "to the first#", "in each repeat#", title=title)
    first = next(iter(rates.values()))
    for name, values in rates.items():
        ratios = [value / base for value, base in zip(values, first, strict=True)]
        each = " ".join(f"{ratio:.2f}" for ratio in ratios)
        median_rate, median_ratio = statistics.median(values), statistics.median(ratios)
        table.add_row(name, f"{median_rate:.0f}", f"{median_ratio:.2f}", each)
    console.print(table)


PARTS = {
    "speed": bench_speed,
    "large": bench_large,
    "two": bench_two_workers,
    "dead": bench_dead_host,
    "memory": bench_memory,
}


def main() -> None:
    for part in os.environ.get("PART", " ".join(PARTS)).split():
        PARTS[part]()


if __name__ == "__main__":
    main()
