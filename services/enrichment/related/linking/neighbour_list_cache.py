"""The neighbour lists of many articles side by side in arrays."""

from collections.abc import Collection, Iterable, Mapping
from itertools import chain
from typing import Final

import numpy as np

from services.enrichment.related.features.arrays import (
    Float64Array,
    IndexArray,
    Int32Array,
    double_length,
)
from services.enrichment.related.features.id_index import IdIndex
from services.enrichment.related.neighbours.neighbour_lists import BEST
from shared.store import NeighbourList, Store

# So much of each score does not count for shared neighbours: neighbour lists begin there, and a
# common topic must not count as an event.
BASELINE_SCORE: Final = 0.199
NOBODY: Final = 0  # the number that fills the rows of short lists; its score is 0

_INITIAL_LISTS: Final = 1024


class NeighbourListCache:
    """The best entries of neighbour lists as they were last loaded, by a number for each article.

    It is no state, but a cache: `load` compares the stamps with the store's.

    `neighbours` has the numbers in each list, best first, and `scores` their scores above
    `BASELINE_SCORE`; both are n × BEST. `squares` has the sum of the squared scores of each list.
    """

    def __init__(self) -> None:
        self._index = IdIndex("")  # "" is NOBODY
        self._stamps: dict[str, int] = {}
        self.article_ids = self._index.ids
        self.neighbours: Int32Array = np.zeros((_INITIAL_LISTS, BEST), np.int32)
        self.scores: Float64Array = np.zeros((_INITIAL_LISTS, BEST))
        self.squares: Float64Array = np.zeros(_INITIAL_LISTS)

    def __len__(self) -> int:
        return len(self.article_ids)

    async def load(self, ids: Collection[str], store: Store) -> dict[str, int]:
        """Load these lists as they are now.

        Returns their stamps, 0 for an article without a list.
        """
        stamps = {article_id: self.stamp(article_id) for article_id in ids}
        changed = await store.neighbour_lists.get_if_changed(stamps)
        self.add(changed)
        for article_id, near in changed.items():
            stamps[article_id] = near.stamp
        return stamps

    def add(self, lists: Mapping[str, NeighbourList]) -> None:
        """Add these lists, or replace older ones."""
        rows = self.numbers(lists)
        best = [near.others[:BEST] for near in lists.values()]
        best_scores = chain.from_iterable(near.scores[:BEST] for near in lists.values())
        sizes = np.array([*map(len, best)], np.intp)
        begins = np.cumsum(sizes) - sizes
        entries = np.repeat(rows, sizes), np.arange(sizes.sum()) - np.repeat(begins, sizes)
        neighbours = self.numbers(chain.from_iterable(best))
        self.neighbours[rows] = NOBODY
        self.neighbours[entries] = neighbours
        self.scores[rows] = 0
        self.scores[entries] = [score - BASELINE_SCORE for score in best_scores]
        self.squares[rows] = np.einsum("nb,nb->n", self.scores[rows], self.scores[rows])
        for article_id, near in lists.items():
            self._stamps[article_id] = near.stamp

    def stamp(self, article_id: str) -> int:
        """The stamp of the cached list; 0 if there is none."""
        return self._stamps.get(article_id, 0)

    def numbers(self, ids: Iterable[str]) -> Int32Array:
        """The numbers of these articles, in order; new ones get numbers."""
        numbers = np.array(self._index.index_all(ids), np.int32)
        while len(self) > len(self.squares):
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
        self.scores = double_length(self.scores)
        self.squares = double_length(self.squares)
