"""The memory of one worker over thousands of pictures, all of which it keeps with thumbnails, in a process of its own.

`python -m tests.bench.images.memory PORT PICTURES EVERY` prints a line each so many pictures: how many, MB of the
worker, MB of the processes that decode for it.
"""

import asyncio
import gc
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import uvloop

from services.enrichment.images.handlers import Images
from services.enrichment.images.scheduling.fetch_coordinator import Desk
from services.enrichment.images.scheduling.retry_policy import Patience
from services.enrichment.images.storing.image_store import Keeper
from shared.broker.records import Record
from shared.clock import now
from shared.events.catalogue import wanted
from shared.store import connect
from tests.bench.images.speed import children, fetcher, urls

LARGE = 10  # every tenth is one as newsrooms have them


@dataclass(frozen=True)
class Point:
    """MB after so many pictures."""

    pictures: int
    worker: float
    decoders: float


def resident(pid: str = "self") -> float:
    """MB; of a process that is gone, none."""
    try:
        return (
            int(Path(f"/proc/{pid}/statm").read_text().split()[1])
            * os.sysconf("SC_PAGE_SIZE")
            / 2**20
        )
    except FileNotFoundError:
        return 0.0


async def main(port: int, pictures: int, every: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with fetcher() as (ours, pool):
            store = connect(f"sqlite:///{Path(folder) / 'seedwire.db'}")
            await store.open()
            images = Images(
                Desk(ours.fetched, Patience(first=60), now, random.random, Keeper(pool).prepare),
                now,
            )
            small, large = urls(port, pictures), urls(port, pictures, "large")
            asked = [large[n] if n % LARGE == 0 else small[n] for n in range(pictures)]
            for start in range(0, pictures, every):
                await images.fetch(_records(asked[start : start + every]), store)
                gc.collect()
                print(start + every, resident(), sum(map(resident, children())), flush=True)
            assert (await store.pictures.counts())["cached"] == pictures
            await store.close()


def _records(asked: Sequence[str]) -> list[Record]:
    events = [wanted(f"a{number}", url, "host", "v1") for number, url in enumerate(asked)]
    return [
        Record("c", e.topic, 0, n, now(), e.key, e.value, e.headers) for n, e in enumerate(events)
    ]


def measured(port: int, pictures: int, every: int = 500) -> list[Point]:
    command = [
        sys.executable,
        "-m",
        "tests.bench.images.memory",
        *map(str, (port, pictures, every)),
    ]
    output = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    return [
        Point(int(n), float(mb), float(others))
        for n, mb, others in map(str.split, output.splitlines())
    ]


def slope(points: Sequence[Point]) -> float:
    """MB that the worker grows by with every 1,000 pictures, in the later half: what it needs once comes before."""
    late = points[len(points) // 2 :]
    mean = (
        sum(point.pictures for point in late) / len(late),
        sum(point.worker for point in late) / len(late),
    )
    rise = sum((point.pictures - mean[0]) * (point.worker - mean[1]) for point in late)
    return 1000 * rise / sum((point.pictures - mean[0]) ** 2 for point in late)


if __name__ == "__main__":
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    asyncio.run(main(*map(int, sys.argv[1:])))
