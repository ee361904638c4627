"""What finding candidates costs as the store grows.

    python -m tests.bench.scale [--quick] [--plot PNG]      (make bench-scale)

There are two feeds on SQLite. With 5,000 articles a day, a large newsroom, the store grows in time,
and the week in which an article finds candidates stays as full as it is. With 150,000 a day all of
a million articles lie within one week, and every common word has hundreds of thousands of postings
in it. The stand-in for MongoDB has no index but unique ones and reads the whole collection for
every query: it shows how far a test can go, and nothing of MongoDB.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from shared.store import Signature, Store
from tests.bench.linking.streams import find_missing
from tests.bench.scale.engines import open_sqlite, open_stand_in
from tests.bench.scale.feed import load_noise, replicate
from tests.bench.scale.measurement import Engine, Step, measure
from tests.bench.scale.plot import draw
from tests.engines.fetch import find_missing_tools

STEPS = (10_000, 30_000, 100_000, 300_000, 1_000_000)
QUICK_STEPS = (10_000, 30_000, 100_000)
STAND_IN_STEPS = (1_000, 3_000, 10_000)  # at the last one article takes a second and more
NEWSROOM, EVERYTHING = 5_000, 150_000  # articles a day
PROBES = 300
PLOT = Path(__file__).parents[3] / "docs" / "pictures" / "linking-scale.png"

OpenEngine = Callable[[Path], AbstractAsyncContextManager[tuple[Engine, Store]]]


async def run(
    open_engine: OpenEngine, noise: list[Signature], per_day: int, steps: Sequence[int]
) -> list[Step]:
    with tempfile.TemporaryDirectory() as folder:
        async with open_engine(Path(folder)) as (engine, store):
            feed = replicate(noise, per_day)
            measured: list[Step] = []
            async for step in measure(engine, store, feed, per_day, steps, PROBES):
                print(step.as_line(), flush=True)
                measured.append(step)
            return measured


def main() -> int:
    options = _parse_arguments()
    missing = find_missing()
    if missing is not None:
        print(f"Skipped: {missing}.")
        return 0
    print(
        "About 10 minutes in all, 1 with --quick. Building the signatures that are replicated…",
        flush=True,
    )
    noise = load_noise()
    steps = QUICK_STEPS if options.quick else STEPS
    measured = asyncio.run(run(open_sqlite, noise, NEWSROOM, steps))
    measured += asyncio.run(run(open_sqlite, noise, EVERYTHING, steps))
    missing_tools = find_missing_tools()
    if missing_tools is None:
        measured += asyncio.run(run(open_stand_in, noise, NEWSROOM, STAND_IN_STEPS))
    else:
        print(f"Skipped: the stand-in for MongoDB ({missing_tools}).")
    if not options.quick:
        draw(measured, options.plot)
        print(f"Drawn: {options.plot}")
    return 0


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.scale")
    parser.add_argument("--quick", action="store_true", help="up to 100,000 articles")
    parser.add_argument(
        "--plot", type=Path, default=PLOT, help="where to draw it; not with --quick"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
