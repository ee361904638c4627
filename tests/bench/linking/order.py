"""Does the order of articles matter, or how many processes link them?

    python -m tests.bench.linking.order [STREAM] [ARTICLES] [SHUFFLES]

Links one slice of a labelled stream, or of the real feed (`azure`), in the order of arrival, in
some shuffles, and with four processes of which some are killed. Prints for how many articles each
ends otherwise than the first, and link F and B-cubed F where there are labels for them.
"""

import asyncio
import random
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from services.enrichment.related.main import build_handler
from services.enrichment.related.settings import RelatedSettings
from services.enrichment.related.stream import collect_results, link_stream, parse_article
from shared.store import Store, connect
from tests.bench.linking import real_feed
from tests.bench.linking.streams import Row, evaluate, load_articles
from tests.integration.related.worker_processes import link_with_workers

Method = Callable[[Sequence[Row], Store, Path], Awaitable[list[Row]]]


async def link_in_order(rows: Sequence[Row], store: Store, _: Path) -> list[Row]:
    handler = build_handler(RelatedSettings())
    results = await link_stream(rows, handler, store, lambda done, total: None)
    return [dict(result) for result in results]


def shuffled(seed: int) -> Method:
    async def link(rows: Sequence[Row], store: Store, folder: Path) -> list[Row]:
        return await link_in_order(random.Random(seed).sample(rows, len(rows)), store, folder)

    return link


def with_workers(workers: int, kills: int) -> Method:
    async def link(rows: Sequence[Row], store: Store, folder: Path) -> list[Row]:
        articles = [parse_article(row) for row in rows]
        await link_with_workers(workers, kills, articles, store, folder)
        results = await collect_results([row["id"] for row in rows], store)
        return [dict(result) for result in results]

    return link


async def run(link: Method, rows: Sequence[Row]) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        store = connect(f"sqlite:///{folder}/store.sqlite")
        await store.open()
        results = await link(rows, store, Path(folder))
        await store.close()
    return results


def count_others(results: Sequence[Row], first: Sequence[Row]) -> tuple[int, int]:
    """How many articles have other relatives than in *first*, and how many another story."""
    relatives = {row["id"]: {*row["related"]} for row in first}
    members, first_members = _list_members(results), _list_members(first)
    others = [row["id"] for row in results if {*row["related"]} != relatives[row["id"]]]
    moved = [each for each, story in members.items() if story != first_members[each]]
    return len(others), len(moved)


def main(stream: str = "stream_mix_a", count: str = "600", shuffles: str = "20") -> None:
    is_real = stream == "azure"
    rows = (real_feed.load_articles() if is_real else load_articles(stream))[: int(count)]
    methods: dict[str, Method] = {"in order": link_in_order}
    methods |= {f"shuffle {seed}": shuffled(seed) for seed in range(int(shuffles))}
    methods |= {"1 process": with_workers(1, 0), "4 processes, 6 kills": with_workers(4, 6)}
    first: list[Row] = []
    for name, link in methods.items():
        results = asyncio.run(run(link, rows))
        first = first or results
        others, moved = count_others(results, first)
        print(f"{name:<22} other relatives {others}   other stories {moved}", end="")
        if not is_real:
            figures = evaluate(rows, results)
            print(f"   link F {figures['linkF']:.4f}   B-cubed F {figures['bF']:.4f}", end="")
        print(flush=True)


def _list_members(results: Sequence[Row]) -> dict[str, frozenset[str]]:
    """By article, all articles of its story."""
    stories: dict[str, set[str]] = {}
    for row in results:
        stories.setdefault(row["story"], set()).add(row["id"])
    return {row["id"]: frozenset(stories[row["story"]]) for row in results}


if __name__ == "__main__":
    main(*sys.argv[1:])
