"""Judges linking on what it has not learned from: the real feed, in five blocks of time.

    python -m tests.bench.linking.validate minilm|table

For each block the judge learns from everything but the queried articles of that block, links the
whole feed, and is judged by the block's pairs. It takes some minutes a block. The figures are those
of the feed's own evaluator, over all blocks together.
"""

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from services.enrichment.related.features.arrays import BoolArray, Float64Array
from services.enrichment.related.features.readers import load_reader
from services.enrichment.related.features.sentence_model import DEFAULT_FOLDER
from services.enrichment.related.judging.judge import Judge
from services.enrichment.related.judging.likeness import choose_text_share, measure_likeness
from services.enrichment.related.linking.thresholds import Thresholds
from services.enrichment.related.settings import PRESETS
from services.enrichment.related.stories.centre_guard import cluster_around_centres
from services.enrichment.related.stories.overrides import OverrideConstraints
from services.enrichment.related.stories.waves import split_waves
from services.enrichment.related.stream import ALWAYS_LISTED, CLOSE, MAX_LISTED
from tests.bench.linking.labelled_pairs import (
    LabelledPairs,
    PairTable,
    build_azure_pairs,
    find_pairs,
    is_listed,
    sum_common,
)
from tests.bench.linking.train import build_corpora, own_odds_of, train_on

BLOCKS: Final = 5
LISTED: Final = (10, 12, MAX_LISTED)
Relatives = Mapping[int, Sequence[int]]
"""By article, those of its relatives that may be listed, best first; all as numbers."""


@dataclass(frozen=True)
class Outcome:
    """What a judge makes of a feed: relatives, and the number of each article's story."""

    relatives: Relatives
    story_of: Mapping[int, int]

    def lists(self, a: int, b: int, count: int) -> bool:
        """Whether either is among the *count* best of the other."""
        return b in self.relatives[a][:count] or a in self.relatives[b][:count]


def link(table: PairTable, judge: Judge, preset: float) -> Outcome:
    """Link the whole feed in one go, as the worker does in the end."""
    odds = own_odds_of(table, judge)
    common = sum_common(table, odds["event"], judge)
    narrowness = table.corpus.statistics.narrowness
    related = judge.final_chances("related", odds["related"], common, narrowness)
    event = judge.final_chances("event", odds["event"], common, narrowness)
    is_known = is_listed(table)
    share = choose_text_share(judge, narrowness)
    relatives = _list_relatives(table, related, is_known & (related >= preset), share)
    return Outcome(relatives, _find_stories(table, event, is_known))


def _list_relatives(
    table: PairTable, related: Float64Array, is_link: BoolArray, text_share: float
) -> Relatives:
    """Beyond the ten best only those that are close, as in the stream."""
    places = np.flatnonzero(is_link)
    likeness = measure_likeness(table.evidence[places], related[places], text_share)
    order = np.lexsort((-related[places].round(2), -likeness))
    relatives: dict[int, list[int]] = defaultdict(list)
    for place, value in zip(places[order].tolist(), likeness[order].tolist(), strict=True):
        a, b = int(table.articles[place]), int(table.others[place])
        for article, other in ((a, b), (b, a)):
            if len(relatives[article]) < ALWAYS_LISTED or value >= CLOSE:
                relatives[article].append(other)
    return relatives


def _find_stories(table: PairTable, event: Float64Array, is_known: BoolArray) -> dict[int, int]:
    thresholds = Thresholds(PRESETS["balanced"])
    names = [f"{number:06}" for number in range(len(table.corpus.rows))]
    graph: list[dict[int, float]] = [{} for _ in names]
    for place in np.flatnonzero(is_known & (event >= thresholds.event)).tolist():
        a, b = int(table.articles[place]), int(table.others[place])
        graph[a][b] = graph[b][a] = float(event[place])
    features, statistics = table.corpus.features, table.corpus.statistics
    own = features.directions_of(slice(len(names)))
    directions = dict(zip(names, statistics.center_directions(own), strict=True))
    days = dict(zip(names, features.days.tolist(), strict=False))
    blocks = [frozenset([name]) for name in names]
    ordered = [dict(sorted(edges.items())) for edges in graph]
    stories = cluster_around_centres(
        blocks, ordered, thresholds.cost, OverrideConstraints(), directions
    )
    story_of: dict[int, int] = {}
    for number, story in enumerate(split_waves(stories, names, directions, days)):
        story_of |= dict.fromkeys(map(int, story), number)
    return story_of


def count_block(pairs: LabelledPairs, outcome: Outcome) -> Counter[str]:
    """Count what the evaluator counts, for the pairs of one block."""
    counts: Counter[str] = Counter()
    labels = zip(pairs.labels["event"].tolist(), pairs.labels["related"].tolist(), strict=True)
    judged: set[tuple[int, int]] = set()
    ends = zip(pairs.articles.tolist(), pairs.others.tolist(), strict=True)
    for (a, b), (is_event, is_related) in zip(ends, labels, strict=True):
        judged |= {(a, b), (b, a)}
        is_together = outcome.story_of[a] == outcome.story_of[b]
        counts.update(event=is_event, related=is_related, together=is_together)
        counts["right together"] += is_together and is_event
        for listed in LISTED:
            is_hit = outcome.lists(a, b, listed)
            counts[f"{listed} hits"] += is_hit
            counts[f"{listed} right"] += is_hit and is_related
            counts[f"{listed} events"] += is_hit and is_event
    for listed, query, other in _list_given(pairs, outcome):
        counts[f"{listed} given"] += 1
        counts[f"{listed} unjudged"] += (query, other) not in judged
    return counts


def _list_given(pairs: LabelledPairs, outcome: Outcome) -> Iterator[tuple[int, int, int]]:
    for query in sorted(set(pairs.articles.tolist())):
        for listed in LISTED:
            for other in outcome.relatives[query][:listed]:
                yield listed, query, other


def print_figures(counts: Counter[str]) -> None:
    for listed in LISTED:
        precision = counts[f"{listed} right"] / counts[f"{listed} hits"]
        of_events = counts[f"{listed} events"] / counts["event"]
        of_related = counts[f"{listed} right"] / counts["related"]
        unjudged = counts[f"{listed} unjudged"] / counts[f"{listed} given"]
        print(
            f"{listed} listed: precision {precision:.3f}, recall of E {of_events:.3f}, "
            f"of E or S {of_related:.3f}, unjudged {unjudged:.3f}"
        )
    precision = counts["right together"] / counts["together"]
    recall = counts["right together"] / counts["event"]
    print(f"stories: precision {precision:.3f}, recall {recall:.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.linking.validate")
    parser.add_argument("reader", choices=("minilm", "table"))
    reader = load_reader("on" if parser.parse_args().reader == "minilm" else "off", DEFAULT_FOLDER)
    corpora = build_corpora(reader)
    pairs = build_azure_pairs(corpora["azure"], None, 0.0)
    block_of = pairs.groups * BLOCKS // (pairs.groups.max() + 1)
    counts: Counter[str] = Counter()
    for block in range(BLOCKS):
        judge, _ = train_on(corpora, reader, block_of != block)
        outcome = link(find_pairs(corpora["azure"], judge), judge, PRESETS["balanced"])
        counts += count_block(pairs.select(block_of == block), outcome)
        print(f"block {block + 1} of {BLOCKS}", flush=True)
    print_figures(counts)


if __name__ == "__main__":
    main()
