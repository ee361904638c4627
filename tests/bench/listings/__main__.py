"""What a page of a list costs as the store fills: `make bench-listings`, or

    python -m tests.bench.listings [ARTICLES] [mongo]

The table has milliseconds of CPU of this process for one page, all its threads, the median of
several: over SQLite that is the database too, over MongoDB it is the client's part alone.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from shared.store import ListingQuery, Position, Store, connect
from tests.bench.listings.feed import EPOCH, fill
from tests.engines.fetch import fetch_jars
from tests.engines.mongo import MongoStandIn

ARTICLES = 100_000
REPEATS = 9
MIDDLE = Position(90, EPOCH.replace(month=6), "m")
QUERIES = {
    "published, latest": ListingQuery(is_published=True),
    "published, hottest": ListingQuery(is_published=True, order="heat"),
    "all, latest": ListingQuery(),
    "all, hottest": ListingQuery(order="heat"),
    "frequent topic": ListingQuery(is_published=True, topic="topic 0"),
    "rare topic": ListingQuery(is_published=True, topic="topic 199"),
    "topic and provider": ListingQuery(topic="topic 0", provider="paper7.example"),
    "frequent word": ListingQuery(is_published=True, search="the"),
    "rare word": ListingQuery(search="word77"),
    "frequent and rare word": ListingQuery(search="the word77"),
    "frequent word, rare topic": ListingQuery(search="the", topic="topic 199"),
    "nothing": ListingQuery(search="the", topic="no such"),
}


async def measure(call: Callable[[], Awaitable[object]]) -> float:
    """Milliseconds of CPU of one call, the median of some."""
    spent = []
    for _ in range(REPEATS):
        started = time.process_time()
        await call()
        spent.append(1_000 * (time.process_time() - started))
    return statistics.median(spent)


async def report(store: Store, articles: int) -> None:
    started = time.process_time()
    await fill(store, articles)
    each = 1_000 * (time.process_time() - started) / articles
    print(f"{articles:,} articles in {store.address}, saved and decided in {each:.2f} ms each")
    print(f"{'list':<28}{'first':>8}{'middle':>8}")
    for name, query in QUERIES.items():
        first = await measure(lambda query=query: store.listings.find(query, None, 50))
        middle = await measure(lambda query=query: store.listings.find(query, MIDDLE, 50))
        print(f"{name:<28}{first:>8.1f}{middle:>8.1f}", flush=True)


async def run(url: str, articles: int) -> None:
    store = connect(url)
    await store.open()
    try:
        await report(store, articles)
    finally:
        await store.close()


def main() -> None:
    arguments = sys.argv[1:]
    numbers = [int(argument) for argument in arguments if argument.isdigit()]
    articles = numbers[0] if numbers else ARTICLES
    with tempfile.TemporaryDirectory() as folder:
        if "mongo" not in arguments:
            asyncio.run(run(f"sqlite:///{folder}/bench.db?synchronous=normal", articles))
            return
        with MongoStandIn(fetch_jars(), Path(folder), heap="4g") as mongo:
            asyncio.run(run(f"{mongo.uri}/listings", articles))


main()
