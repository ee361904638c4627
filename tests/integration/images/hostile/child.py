"""Fetches one URL in a process of its own, and prints what came of it and how much memory that took."""

import asyncio
import json
import os
import resource
import sys
import time
from pathlib import Path

from services.enrichment.images.verification import measure
from tests.integration.images.hostile.web import Web, kind_of
from tests.picture_host import picture

ROOM = 2**30


async def main(url: str, seconds: float) -> None:
    measure(picture(64, 48))  # what a decoder needs once is not this picture's
    limit_memory()
    before, since = peak(), time.monotonic()
    outcome = kind_of(await Web().fetch(url, seconds))
    said = outcome.__name__ if isinstance(outcome, type) else str(outcome)
    print(json.dumps({"outcome": said, "grown": peak() - before, "seconds": time.monotonic() - since}))


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def limit_memory() -> None:
    in_use = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (in_use + ROOM, in_use + ROOM))


asyncio.run(main(sys.argv[1], float(sys.argv[2])))
