"""The neighbour lists of many articles side by side in arrays."""

from collections.abc import Collection, Iterable, Mapping
from itertools import chain
from typing import Final

import numpy as np

from services.enrichment.related.features.arrays import (
    Float32Array,
    Float64Array,
    IndexArray,
    Int32Array,
    double_length,
)
from services.enrichment.related.features.id_index import IdIndex, split_ids
from services.enrichment.related.judging.feed_statistics import FeedStatistics
from services.enrichment.related.judging.judge import EVIDENCE, MIN_CHANCE, Judge, to_chances
from services.enrichment.related.neighbours.neighbour_lists import BEST
from shared.store import NeighbourList, Store

NOBODY: Final = 0  # the number that fills the rows of short lists; its chances are 0

LISTS_PER_BATCH: Final = 256  # judged together, in some MB of columns
_INITIAL_LISTS: Final = 1024


class NeighbourListCache:
    """The best entries of neighbour lists as they were last loaded, by a number for each article.

    It may be dropped at any time: `load` compares the stamps with the store's.

    `neighbours` (n × BEST) has the numbers in each list, nearest first, and `evidence` (n × BEST ×
    7) what is known of each pair. `judge` fills the rest from these: `event_odds` and
    `related_odds`, and `surplus`, the own chance of one event less 0.1, which is 0 for nobody.
    """

    def __init__(self) -> None:
        self._index = IdIndex("")  # "" is NOBODY
        self._stamps: dict[str, int] = {}
        self.article_ids = self._index.ids
        self.neighbours: Int32Array = np.zeros((_INITIAL_LISTS, BEST), np.int32)
        shape = (_INITIAL_LISTS, BEST, len(EVIDENCE))
        self.evidence: Float32Array = np.zeros(shape, np.float32)
        self.event_odds: Float64Array = np.zeros((_INITIAL_LISTS, BEST))
        self.related_odds: Float64Array = np.zeros((_INITIAL_LISTS, BEST))
        self.surplus: Float64Array = np.zeros((_INITIAL_LISTS, BEST))
        self._projections: Float32Array = np.zeros(_INITIAL_LISTS, np.float32)

    def __len__(self) -> int:
        return len(self.article_ids)

    async def load(self, ids: Collection[str], store: Store) -> dict[str, int]:
        """Load these lists as they are now.

        Returns their stamps, 0 for an article without a list.
        """
        stamps = {article_id: self.stamp(article_id) for article_id in ids}
        for part in split_ids([*stamps]):
            known = {article_id: stamps[article_id] for article_id in part}
            changed = await store.neighbour_lists.get_if_changed(known)
            self.add(changed)
            for article_id, near in changed.items():
                stamps[article_id] = near.stamp
        return stamps

    def add(self, lists: Mapping[str, NeighbourList]) -> None:
        """Add these lists, or replace older ones."""
        rows = self.numbers(lists)
        best = [near.others[:BEST] for near in lists.values()]
        sizes = np.array([*map(len, best)], np.intp)
        begins = np.cumsum(sizes) - sizes
        entries = np.repeat(rows, sizes), np.arange(sizes.sum()) - np.repeat(begins, sizes)
        neighbours = self.numbers(chain.from_iterable(best))
        evidence = b"".join(chain.from_iterable(near.evidence[:BEST] for near in lists.values()))
        self.neighbours[rows] = NOBODY
        self.neighbours[entries] = neighbours
        self.evidence[entries] = np.frombuffer(evidence, np.float32).reshape(-1, len(EVIDENCE))
        for article_id, near in lists.items():
            self._stamps[article_id] = near.stamp

    def set_projections(self, ids: Iterable[str], projections: Float32Array) -> None:
        """Set the products of the articles' directions with the centre of the feed."""
        self._projections[self.numbers(ids)] = projections

    def judge(self, rows: Int32Array, judge: Judge, statistics: FeedStatistics) -> None:
        """Judge the entries of these lists by the two articles alone.

        Entries are right if the projections of both articles are set.
        """
        for start in range(0, len(rows), LISTS_PER_BATCH):
            self._judge_batch(rows[start : start + LISTS_PER_BATCH], judge, statistics)

    def _judge_batch(self, rows: Int32Array, judge: Judge, statistics: FeedStatistics) -> None:
        neighbours = self.neighbours[rows]
        centred = statistics.center_evidence(
            self.evidence[rows], self._projections[rows][:, None], self._projections[neighbours]
        )
        odds = judge.own_odds(centred, statistics.narrowness)
        self.related_odds[rows], self.event_odds[rows] = odds["related"], odds["event"]
        surplus = np.maximum(0.0, to_chances(odds["event"]) - MIN_CHANCE)
        self.surplus[rows] = np.where(neighbours == NOBODY, 0.0, surplus)

    def stamp(self, article_id: str) -> int:
        """The stamp of the cached list; 0 if there is none."""
        return self._stamps.get(article_id, 0)

    def numbers(self, ids: Iterable[str]) -> Int32Array:
        """The numbers of these articles, in order; new ones get numbers."""
        numbers = np.array(self._index.index_all(ids), np.int32)
        while len(self) > len(self.neighbours):
            self._grow()
        return numbers

    def ids_of(self, numbers: Int32Array | IndexArray) -> list[str]:
        """The ids of articles given by number."""
        return [self.article_ids[number] for number in numbers.tolist()]

    def neighbours_of(self, numbers: Int32Array) -> list[str]:
        """The ids of all articles in these lists."""
        neighbours = np.unique(self.neighbours[numbers])
        return self.ids_of(neighbours[neighbours != NOBODY])

    def _grow(self) -> None:
        self.neighbours = double_length(self.neighbours)
        self.evidence = double_length(self.evidence)
        self.event_odds = double_length(self.event_odds)
        self.related_odds = double_length(self.related_odds)
        self.surplus = double_length(self.surplus)
        self._projections = double_length(self._projections)
