"""`make bench-images`: what fetching costs beside the bare clients, with two workers, beside a dead host; memory.

`PART="speed large two dead memory"` chooses, `REPEATS=n` says how often.

Figures of one run are compared with figures of the same run: this machine's own speed does not count.
"""

import asyncio
import os
import statistics
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import uvloop
from rich.console import Console
from rich.table import Table

from tests.bench.images import memory, workers
from tests.bench.images.hosts import HOSTS, hosts
from tests.bench.images.speed import IN_FLIGHT, WAYS, Run, compare
from tests.integration.images.hostile.server import deaf

REPEATS = int(os.environ.get("REPEATS", "2"))
PICTURES = 3_000  # of the good hosts, beside a dead one
DEAD = 10_000
FEW = 8  # in hand of each worker, so that hosts bind and not this machine's cores: 40 pictures a second at 200 ms
FEWER_PICTURES = (
    2_000  # a minute for one worker: what it takes to begin and to end must weigh little
)
LARGE = 80  # pictures as newsrooms have them
MEMORY = 10_000  # SQLite's cache of pages, 2 MB, is full after some 6,000

console = Console()


def speed() -> None:
    """7: throughput and CPU beside the bare clients."""
    table = _table(
        "latency",
        "way",
        "pictures/s#",
        "CPU ms#",
        "/ httpx#",
        "/ httpx2#",
        title=f"{IN_FLIGHT} in flight",
    )
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
    return [
        f"{rate:.0f}",
        f"{cpu:.2f}",
        *(f"{_ratio(runs[way], runs[bare]):.2f}" for bare in ("httpx", "httpx2")),
    ]


def _ratio(ours: Sequence[Run], bare: Sequence[Run]) -> float:
    """The median of the ratios of runs that were made next to each other."""
    return statistics.median(one.rate / other.rate for one, other in zip(ours, bare, strict=True))


def large() -> None:
    """7: what a picture as newsrooms have them costs, 1200 x 675 and 250 KB."""
    ways = ("httpx2", "fetch", "fetch and keep", "all, with thumbnails")
    with hosts(0.02, HOSTS) as port:
        runs = uvloop.run(compare(port, LARGE, 1, "large", ways))
    table = _table("way", "pictures/s#", "CPU ms#", title="pictures of 1200 x 675 pixels, 250 KB")
    for way in ways:
        table.add_row(way, f"{runs[way][0].rate:.0f}", f"{runs[way][0].cpu:.1f}")
    console.print(table)


def two_workers() -> None:
    """7: two workers beside one, where hosts bind them."""
    with _far_hosts(FEWER_PICTURES) as good:
        runs: dict[str, list[float]] = {"one": [], "two": []}
        for _ in range(REPEATS):
            for number, name in enumerate(runs, 1):
                runs[name].append(_rate(number, good, SEEDWIRE_IMAGES_AT_ONCE=f"{FEW}"))
    _show(runs, f"workers with {FEW} pictures in hand each, {HOSTS} hosts of 200 ms")


def dead_host() -> None:
    """3: a worker as it is by default, alone and beside a dead host."""
    with _far_hosts(PICTURES) as good, deaf("127.3.0.1") as nowhere:
        dead = [f"http://127.3.0.1:{nowhere}/{n}.jpg" for n in range(DEAD)]
        runs: dict[str, list[float]] = {"one": [], "one, and a dead host": []}
        for _ in range(REPEATS):
            runs["one"].append(_rate(1, good))
            runs["one, and a dead host"].append(_rate(1, good, dead))
    _show(runs, f"{PICTURES:,} pictures of {HOSTS} hosts of 200 ms, beside {DEAD:,} of a dead one")


@contextmanager
def _far_hosts(pictures: int) -> Iterator[list[str]]:
    names = workers.balanced(HOSTS)
    with hosts(0.2, 1_000) as port:
        yield [f"http://{names[n % HOSTS]}:{port}/{n}.jpg" for n in range(pictures)]


def _rate(number: int, good: Sequence[str], dead: Sequence[str] = (), **settings: str) -> float:
    with workers.workers(number, **settings) as started:
        return asyncio.run(workers.rate(started, number, good, dead))


def _show(runs: dict[str, list[float]], title: str) -> None:
    """Each beside the first, which ran next to it."""
    table = _table("workers", "pictures/s#", "to the first#", "in each repeat#", title=title)
    first = next(iter(runs.values()))
    for what, rates in runs.items():
        ratios = [rate / one for rate, one in zip(rates, first, strict=True)]
        each = " ".join(f"{ratio:.2f}" for ratio in ratios)
        table.add_row(
            what, f"{statistics.median(rates):.0f}", f"{statistics.median(ratios):.2f}", each
        )
    console.print(table)


def flat() -> None:
    """The memory of one worker."""
    with hosts(0, HOSTS) as port:
        points = memory.measured(port, MEMORY)
    table = _table(
        "pictures#", "worker MB#", "decoders MB#", title="memory, every tenth picture 1200 x 675"
    )
    for point in points:
        table.add_row(f"{point.pictures}", f"{point.worker:.0f}", f"{point.decoders:.0f}")
    console.print(table)
    console.print(
        f"slope over the later half: {memory.slope(points):+.2f} MB for every 1,000 pictures"
    )


PARTS = {"speed": speed, "large": large, "two": two_workers, "dead": dead_host, "memory": flat}


def main() -> None:
    for part in os.environ.get("PART", " ".join(PARTS)).split():
        PARTS[part]()


if __name__ == "__main__":
    main()
