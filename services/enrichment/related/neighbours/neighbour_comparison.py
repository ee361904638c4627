"""Compares articles with others and computes how their neighbour lists change. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain
from typing import Final

import numpy as np

from services.enrichment.related.features.arrays import Int32Array
from services.enrichment.related.features.feature_cache import FeatureCache
from services.enrichment.related.features.id_index import number_items
from services.enrichment.related.neighbours.candidate_search import CandidateSearch
from services.enrichment.related.neighbours.pair_score import score_pairs

ARTICLES_PER_BATCH: Final = 16  # scored together: more would not stay in the processor's cache
MAX_ALIGNMENTS: Final = 40  # new candidates of an article that are compared word by word

Changes = dict[str, dict[str, float | None]]
"""By article and other article: the new score, or None for an entry that goes."""
Others = Mapping[str, Collection[str]]
"""By article, ids of other articles."""


class NeighbourComparison:
    """Compares articles of which *numbers* has those with features, by number."""

    def __init__(
        self, search: CandidateSearch, features: FeatureCache, numbers: Mapping[str, int]
    ) -> None:
        self._search = search
        self._features = features
        self._numbers = numbers
        ordered = sorted(numbers)
        self._ranks = number_items(ordered)
        self._numbers_by_rank = np.array([numbers[article_id] for article_id in ordered], np.int32)

    def compare(self, new: Others, existing: Others) -> Changes:
        """Compute what to write into the neighbour lists of both ends.

        *new* has the candidates of each article, *existing* its present neighbours. These are
        dropped, and scored again where the two articles can still find each other.
        """
        changes: Changes = {article_id: {} for article_id in new}
        for article_id, others in existing.items():
            for other in others:
                _set_both(changes, article_id, other, None)
        added = self._score_neighbours(new, MAX_ALIGNMENTS)
        kept = self._score_neighbours(self._select_valid(existing), None)
        for article_id, other, score in chain(added, kept):
            _set_both(changes, article_id, other, score)
        return changes

    def _select_valid(self, existing: Others) -> dict[str, list[str]]:
        """Select the existing neighbours that the articles can still find."""
        numbers = self._numbers
        valid: dict[str, list[str]] = {}
        for article_id, others in existing.items():
            if article_id not in numbers:
                continue
            valid[article_id] = []
            for other in others:
                if other in numbers and self._can_find(numbers[article_id], numbers[other]):
                    valid[article_id].append(other)
        return valid

    def _can_find(self, a: int, b: int) -> bool:
        return self._search.can_find(self._features, a, b)

    def _score_neighbours(
        self, others: Others, max_alignments: int | None
    ) -> Iterator[tuple[str, str, float]]:
        """Score each article with its *others*, and yield those that become neighbours."""
        articles = [article_id for article_id in others if article_id in self._numbers]
        articles = [article_id for article_id in articles if others[article_id]]
        ids = self._features.article_ids
        for start in range(0, len(articles), ARTICLES_PER_BATCH):
            lefts, rights = self._pair_up(articles[start : start + ARTICLES_PER_BATCH], others)
            scores = score_pairs(self._features, lefts, rights, max_alignments)
            is_near = scores >= self._search.min_score
            near = zip(lefts[is_near].tolist(), rights[is_near].tolist(), strict=True)
            for (left, right), score in zip(near, scores[is_near].tolist(), strict=True):
                yield ids[left], ids[right], score

    def _pair_up(self, articles: Sequence[str], others: Others) -> tuple[Int32Array, Int32Array]:
        """The numbers of *articles*, each repeated for each of its *others*, and of these.

        The others come in the order of their ids: of equally good candidates every worker then
        aligns the same ones, those with the smaller ids.
        """
        ranks = self._ranks
        own_ranks = [ranks[article_id] for article_id in articles]
        other_ranks: list[list[int]] = []
        for article_id in articles:
            known = [ranks[other] for other in others[article_id] if other in ranks]
            other_ranks.append(sorted(known))
        lefts = np.repeat(self._numbers_by_rank[own_ranks], [*map(len, other_ranks)])
        rights = np.fromiter(chain.from_iterable(other_ranks), np.intp)
        return lefts, self._numbers_by_rank[rights]


def _set_both(changes: Changes, a: str, b: str, score: float | None) -> None:
    changes[a][b] = score
    changes.setdefault(b, {})[a] = score
