"""Does the order of articles matter, or how many processes link them?

    python -m tests.bench.linking.order [STREAM] [ARTICLES] [SHUFFLES]

Links one slice of a labelled stream in the order of arrival, in some shuffles, and with four
processes of which some are killed. Prints link F and B-cubed F of each, and how much they differ.
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


async def measure(link: Method, rows: Sequence[Row]) -> tuple[float, float]:
    """Link F and B-cubed F."""
    with tempfile.TemporaryDirectory() as folder:
        store = connect(f"sqlite:///{folder}/store.sqlite")
        await store.open()
        figures = evaluate(rows, await link(rows, store, Path(folder)))
        await store.close()
    return figures["linkF"], figures["bF"]


def main(stream: str = "stream_mix_a", count: str = "600", shuffles: str = "20") -> None:
    rows = load_articles(stream)[: int(count)]
    methods: dict[str, Method] = {"in order": link_in_order}
    methods |= {f"shuffle {seed}": shuffled(seed) for seed in range(int(shuffles))}
    methods |= {"1 process": with_workers(1, 0), "4 processes, 6 kills": with_workers(4, 6)}
    figures: list[tuple[float, float]] = []
    for name, link in methods.items():
        figures.append(asyncio.run(measure(link, rows)))
        _print_figures(name, *figures[-1])
    spans = [max(values) - min(values) for values in zip(*figures, strict=True)]
    _print_figures("difference", *spans)


def _print_figures(name: str, link_f: float, b_cubed_f: float) -> None:
    print(f"{name:<22} link F {link_f:.4f}   B-cubed F {b_cubed_f:.4f}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
