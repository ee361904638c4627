"""Fetches one URL, of a picture or a page, in a process of its own, and prints what came of it and what it took."""

import asyncio
import json
import os
import resource
import sys
import time
from pathlib import Path

from services.enrichment.images.decoding.verification import measure
from services.enrichment.images.pages.page_metadata import Found, find
from tests.integration.images.hostile.web import Web, kind_of
from tests.picture_host import picture

ROOM = 2**30


async def main(url: str, seconds: float, what: str) -> None:
    measure(picture(64, 48))  # what a decoder or a parser needs once is not this picture's
    find(b"<p>", "", "http://p.example/")
    limit_memory()
    before, since = peak(), time.monotonic()
    web = Web()
    came = await (web.read if what == "page" else web.fetch)(url, seconds)
    took, grown, kind = time.monotonic() - since, peak() - before, kind_of(came)
    said = kind.__name__ if isinstance(kind, type) else str(kind)
    images = list(came.images) if isinstance(came, Found) else []
    print(
        json.dumps(
            {
                "outcome": said,
                "grown": grown,
                "seconds": took,
                "strayed": web.strayed,
                "images": images,
            }
        )
    )


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def limit_memory() -> None:
    in_use = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (in_use + ROOM, in_use + ROOM))


if __name__ == "__main__":  # the processes that decode read this file as well
    asyncio.run(main(sys.argv[1], float(sys.argv[2]), sys.argv[3]))
