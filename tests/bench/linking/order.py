"""Does the order matter, or who does the work? `python -m tests.bench.linking.order [STREAM] [ARTICLES] [SHUFFLES]`.

Links the same slice of a labelled stream in the order of arrival, in so many shuffles, and by four processes of which
some are killed; prints link F and B-cubed F of each, and how far they lie apart.
"""

import asyncio
import random
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from services.enrichment.related.main import related
from services.enrichment.related.settings import RelatedSettings
from services.enrichment.related.stream import answers, link_stream, stored
from shared.store import Store, connect
from tests.bench.linking.streams import Row, articles, judge
from tests.integration.related.fleet import linked_by

Way = Callable[[Sequence[Row], Store, Path], Awaitable[list[Row]]]


async def in_order(rows: Sequence[Row], store: Store, _: Path) -> list[Row]:
    return [
        dict(one)
        for one in await link_stream(rows, related(RelatedSettings()), store, lambda done, of: None)
    ]


def shuffled(seed: int) -> Way:
    async def way(rows: Sequence[Row], store: Store, folder: Path) -> list[Row]:
        return await in_order(random.Random(seed).sample(rows, len(rows)), store, folder)

    return way


def side_by_side(workers: int, kills: int) -> Way:
    async def way(rows: Sequence[Row], store: Store, folder: Path) -> list[Row]:
        await linked_by(workers, kills, [stored(row) for row in rows], store, folder)
        return [dict(one) for one in await answers([row["id"] for row in rows], store)]

    return way


async def measured(way: Way, rows: Sequence[Row]) -> tuple[float, float]:
    """Link F and B-cubed F."""
    with tempfile.TemporaryDirectory() as folder:
        store = connect(f"sqlite:///{folder}/store.sqlite")
        await store.open()
        said = judge(rows, await way(rows, store, Path(folder)))
        await store.close()
    return said["linkF"], said["bF"]


def main(stream: str = "stream_mix_a", count: str = "600", shuffles: str = "20") -> None:
    rows = articles(stream)[: int(count)]
    ways: dict[str, Way] = {"in order": in_order}
    ways |= {f"shuffle {seed}": shuffled(seed) for seed in range(int(shuffles))}
    ways |= {"1 process": side_by_side(1, 0), "4 processes, 6 kills": side_by_side(4, 6)}
    found = {}
    for name, way in ways.items():
        found[name] = asyncio.run(measured(way, rows))
        print(
            f"{name:<22} link F {found[name][0]:.4f}   B-cubed F {found[name][1]:.4f}", flush=True
        )
    apart = [max(values) - min(values) for values in zip(*found.values(), strict=True)]
    print(f"{'apart':<22} link F {apart[0]:.4f}   B-cubed F {apart[1]:.4f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
