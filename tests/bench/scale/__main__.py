"""What linking's search costs as the store grows.

    python -m tests.bench.scale [--quick] [--plot PNG]      (make bench-scale)

Two feeds on SQLite. 5,000 articles a day, a large newsroom: the store grows in time, and the week that an article can
find stays as full as it is. 150,000 a day: all of a million lie within one week, and every common word has hundreds of
thousands of postings in it. The stand-in for MongoDB reads the whole collection for every question (it has no index but
unique ones): it shows how far a test can go, and nothing of MongoDB.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from shared.store import Signature, Store
from tests.bench.linking.streams import missing
from tests.bench.scale.engines import sqlite, stand_in
from tests.bench.scale.feed import base, feed
from tests.bench.scale.measuring import Engine, Step, measure
from tests.bench.scale.plot import draw
from tests.engines.fetch import available

STEPS = (10_000, 30_000, 100_000, 300_000, 1_000_000)
STAND_IN_STEPS = (1_000, 3_000, 10_000)  # a second and more for one article at the last
NEWSROOM, EVERYTHING = 5_000, 150_000
PROBES = 300
PLOT = Path(__file__).parents[3] / "docs" / "pictures" / "linking-scale.png"

Opening = Callable[[Path], AbstractAsyncContextManager[tuple[Engine, Store]]]


async def run(opening: Opening, noise: list[Signature], a_day: int, steps: list[int]) -> list[Step]:
    with tempfile.TemporaryDirectory() as folder:
        async with opening(Path(folder)) as (engine, store):
            found = []
            async for step in measure(engine, store, feed(noise, a_day), a_day, steps, PROBES):
                print(step.line(), flush=True)
                found.append(step)
            return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.scale")
    parser.add_argument("--quick", action="store_true", help="up to 100,000 articles")
    parser.add_argument(
        "--plot", type=Path, default=PLOT, help="where to draw it; not with --quick"
    )
    options = parser.parse_args()
    if (why := missing()) is not None:
        print(f"Skipped: {why}.")
        return 0
    steps = [step for step in STEPS if step <= 100_000] if options.quick else list(STEPS)
    print(
        "About 10 minutes in all, 1 with --quick. Signing the noise that is replicated…", flush=True
    )
    noise = base()
    found = [
        step
        for a_day in (NEWSROOM, EVERYTHING)
        for step in asyncio.run(run(sqlite, noise, a_day, steps))
    ]
    if (why := available()) is None:
        found += asyncio.run(run(stand_in, noise, NEWSROOM, list(STAND_IN_STEPS)))
    else:
        print(f"Skipped: the stand-in for MongoDB ({why}).")
    if not options.quick:
        draw(found, options.plot)
        print(f"Drawn: {options.plot}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
