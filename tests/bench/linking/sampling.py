"""Pairs of a feed to be read, drawn without regard to what linking says of them.

    python -m tests.bench.linking.sampling power_apps 118 > pairs.jsonl
    python -m tests.bench.linking.sampling power_apps 118 --seed 2027 --besides READ.jsonl

The second draws others than the articles whose pairs were read before.

As the pairs of the real feed were: articles drawn at random, and for each the union of the five
best candidates of the week around it by TF-IDF, by its leading directions (LSA), and by Seedwire
with the preset `broad`. Articles and candidates come in random order, and which of the three found
a candidate is not said.
"""

import argparse
import json
import random
import sys
from collections.abc import Collection, Container, Sequence
from pathlib import Path
from typing import Final

from tests.bench.linking import lsa, power_apps, product, real_feed, tfidf
from tests.bench.linking.pairs import Neighbours
from tests.bench.linking.streams import Row

BEST: Final = 5  # by each of the three
SEED: Final = 2026


def draw_pairs(
    rows: Sequence[Row],
    count: int,
    known: Container[str] = (),
    read: Collection[frozenset[str]] = (),
    seed: int = SEED,
) -> list[Row]:
    """`{a, b}`: *count* articles *a* that are not *known*, with their candidates *b*.

    Pairs that were *read* before are left out.
    """
    dice = random.Random(seed)
    queries = dice.sample([row["id"] for row in rows if row["id"] not in known], count)
    candidates = _find_candidates(rows)
    pairs: list[Row] = []
    seen: set[frozenset[str]] = {*read}
    for query in queries:
        others = sorted(candidates[query])
        dice.shuffle(others)
        fresh = [other for other in others if frozenset((query, other)) not in seen]
        seen.update(frozenset((query, other)) for other in fresh)
        pairs += [{"a": query, "b": other} for other in fresh]
    return pairs


def _find_candidates(rows: Sequence[Row]) -> dict[str, set[str]]:
    by_article = {row["id"]: {*row["related"][:BEST]} for row in product.predict(rows, "broad")}
    for neighbours in (tfidf.find_neighbours(rows), lsa.find_neighbours(rows)):
        _add_best(by_article, rows, neighbours)
    return by_article


def _add_best(by_article: dict[str, set[str]], rows: Sequence[Row], neighbours: Neighbours) -> None:
    for row, near in zip(rows, neighbours, strict=True):
        by_article[row["id"]].update(rows[place]["id"] for place, _ in near[:BEST])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.linking.sampling")
    parser.add_argument("feed", choices=("power_apps", "azure_a"))
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--besides", type=Path, nargs="*", default=[], help="pairs that were read")
    options = parser.parse_args()
    before = [pair for path in options.besides for pair in real_feed.load_pairs(path)]
    known = {pair.a for pair in before}
    read = {frozenset((pair.a, pair.b)) for pair in before}
    rows = power_apps.load_articles()
    if options.feed == "azure_a":
        known |= {end for pair in real_feed.load_pairs() for end in (pair.a, pair.b)}
        rows = sorted(real_feed.load_articles(), key=lambda row: row["ts"])
    pairs = draw_pairs(rows, options.count, known, read, options.seed)
    for pair in pairs:
        print(json.dumps(pair))
    return 0


if __name__ == "__main__":
    sys.exit(main())
