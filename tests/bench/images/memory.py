"""The memory of one worker's handler over thousands of pictures, in a process of its own.

`python -m tests.bench.images.memory PORT PICTURES` prints a line every 500: pictures, MB.
"""

import asyncio
import gc
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import uvloop

from services.enrichment.images.desk import Desk, Patience
from services.enrichment.images.handlers import Images
from shared.broker.records import Record
from shared.clock import now
from shared.events import wanted
from shared.store import connect
from tests.bench.images.speed import fetcher, urls

EVERY = 500
LARGE = 10  # every tenth is one as newsrooms have them


def resident() -> float:
    """MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


async def main(port: int, pictures: int) -> None:
    ours = fetcher()
    with tempfile.TemporaryDirectory() as folder:
        store = connect(f"sqlite:///{Path(folder) / 'seedwire.db'}")
        await store.open()
        images = Images(Desk(ours.fetched, Patience(), now, random.random), now)
        small, large = urls(port, pictures), urls(port, pictures, "large")
        asked = [large[n] if n % LARGE == 0 else small[n] for n in range(pictures)]
        for start in range(0, pictures, EVERY):
            await images.fetch(_records(asked[start : start + EVERY]), store)
            gc.collect()
            print(start + EVERY, f"{resident():.1f}", flush=True)
        assert (await store.pictures.counts())["cached"] == pictures
        await store.close()
    await ours.close()


def _records(asked: Sequence[str]) -> list[Record]:
    events = [wanted(f"a{number}", url, "host", "v1") for number, url in enumerate(asked)]
    return [Record("c", e.topic, 0, n, now(), e.key, e.value, e.headers) for n, e in enumerate(events)]


def measured(port: int, pictures: int) -> list[tuple[int, float]]:
    """Pictures fetched so far, and MB then."""
    command = [sys.executable, "-m", "tests.bench.images.memory", str(port), str(pictures)]
    output = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    return [(int(number), float(mb)) for number, mb in map(str.split, output.splitlines())]


def slope(points: Sequence[tuple[int, float]]) -> float:
    """MB for every 1,000 pictures, over the later half: what a process needs once comes before it."""
    late = points[len(points) // 2 :]
    mean = sum(number for number, _ in late) / len(late), sum(mb for _, mb in late) / len(late)
    rise = sum((number - mean[0]) * (mb - mean[1]) for number, mb in late)
    return 1000 * rise / sum((number - mean[0]) ** 2 for number, _ in late)


if __name__ == "__main__":
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
