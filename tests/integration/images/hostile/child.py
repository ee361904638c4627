"""Fetches a picture or a page in a process of its own; prints the outcome and what it took."""

import asyncio
import json
import os
import resource
import sys
import time
from pathlib import Path

from services.enrichment.images.decoding.verification import verify_picture
from services.enrichment.images.pages.page_metadata import PageMetadata, extract_metadata
from tests.integration.images.hostile.web import WorkerWeb, kind_of
from tests.picture_host import make_jpeg

MAX_GROWTH = 2**30  # bytes of address space


async def main(url: str, seconds: float, what: str) -> None:
    # What a decoder or a parser needs once does not count for this fetch.
    verify_picture(make_jpeg(64, 48))
    extract_metadata(b"<p>", "", "http://p.example/")
    limit_memory()
    web = WorkerWeb()
    fetch = web.fetch_page if what == "page" else web.fetch
    peak_before, start = peak_memory(), time.monotonic()
    outcome = await fetch(url, seconds)
    seconds_taken, grown = time.monotonic() - start, peak_memory() - peak_before
    kind = kind_of(outcome)
    fetched = {
        "outcome": kind.__name__ if isinstance(kind, type) else str(kind),
        "grown": grown,
        "seconds": seconds_taken,
        "strayed": web.strayed,
        "images": list(outcome.images) if isinstance(outcome, PageMetadata) else [],
    }
    print(json.dumps(fetched))


def peak_memory() -> float:
    """MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def limit_memory() -> None:
    pages = Path("/proc/self/statm").read_text().split()[0]
    limit = int(pages) * os.sysconf("SC_PAGE_SIZE") + MAX_GROWTH
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


if __name__ == "__main__":  # decoding processes import this file as well
    asyncio.run(main(sys.argv[1], float(sys.argv[2]), sys.argv[3]))
