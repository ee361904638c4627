"""The memory of one worker over thousands of pictures, which it stores with their thumbnails.

It runs in a process of its own: `python -m tests.bench.images.memory PORT PICTURES EVERY` prints a
line for each EVERY pictures: how many, MB of the worker, MB of the processes that decode for it.
"""

import asyncio
import gc
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import uvloop

from shared.store import connect
from tests.bench.images.worker import (
    build_records,
    list_children,
    make_urls,
    resident_memory,
    run_worker,
)

LARGE_EVERY = 10  # every tenth picture is of the size that newsrooms have


@dataclass(frozen=True)
class Point:
    """MB after so many pictures."""

    pictures: int
    worker: float
    decoders: float


async def main(port: int, pictures: int, every: int) -> None:
    small, large = make_urls(port, pictures), make_urls(port, pictures, "large")
    urls = [large[n] if n % LARGE_EVERY == 0 else small[n] for n in range(pictures)]
    with tempfile.TemporaryDirectory() as folder:
        async with run_worker(thumbnails=True) as worker:
            store = connect(f"sqlite:///{Path(folder) / 'seedwire.db'}")
            await store.open()
            handler = worker.build_handler(first_seconds=60)
            for start in range(0, pictures, every):
                await handler.fetch(build_records(urls[start : start + every]), store)
                gc.collect()
                decoders = sum(map(resident_memory, list_children()))
                print(start + every, resident_memory(), decoders, flush=True)
            assert (await store.pictures.counts())["cached"] == pictures
            await store.close()


def measure_memory(port: int, pictures: int, every: int = 500) -> list[Point]:
    """Run it in a process of its own; *port* is that of the hosts."""
    module = ["-m", "tests.bench.images.memory", str(port), str(pictures), str(every)]
    command = [sys.executable, *module]
    process = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    points: list[Point] = []
    for line in process.stdout.splitlines():
        count, worker, decoders = line.split()
        points.append(Point(int(count), float(worker), float(decoders)))
    return points


def slope(points: Sequence[Point]) -> float:
    """MB that the worker grows by with every 1,000 pictures, in the later half.

    In the earlier half it allocates what it needs once.
    """
    later = points[len(points) // 2 :]
    mean_pictures = sum(point.pictures for point in later) / len(later)
    mean_memory = sum(point.worker for point in later) / len(later)
    covariance, variance = 0.0, 0.0
    for point in later:
        deviation = point.pictures - mean_pictures
        covariance += deviation * (point.worker - mean_memory)
        variance += deviation**2
    return 1000 * covariance / variance


if __name__ == "__main__":
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    asyncio.run(main(*map(int, sys.argv[1:])))
