"""Compares articles with others and computes how their neighbour lists change. Pure."""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain
from typing import Final

import numpy as np

from services.enrichment.related.features.arrays import Float64Array, Int32Array
from services.enrichment.related.features.feature_cache import FeatureCache
from services.enrichment.related.judging.judge import Judge
from services.enrichment.related.neighbours.admission import find_admitted
from services.enrichment.related.neighbours.candidate_search import CandidateSearch
from services.enrichment.related.neighbours.pair_evidence import find_near
from shared.store import Neighbour

ARTICLES_PER_BATCH: Final = 16  # scored together: more would not stay in the processor's cache

Changes = dict[str, dict[str, Neighbour | None]]
"""By article and other article: the new entry, or None for an entry that is dropped."""
Others = Mapping[str, Collection[str]]
"""By article, ids of other articles."""
Limits = Mapping[str, float]
"""By article, the nearness from which on its neighbour list takes an entry, if that is full."""


class NeighbourComparison:
    """Compares articles of which *numbers* has those with features, by number."""

    def __init__(
        self,
        search: CandidateSearch,
        judge: Judge,
        features: FeatureCache,
        numbers: Mapping[str, int],
    ) -> None:
        self._search = search
        self._judge = judge
        self._features = features
        self._numbers = numbers

    def compare(self, new: Others, existing: Others, limits: Limits) -> Changes:
        """Compute what to write into the neighbour lists of both ends.

        *new* has the candidates of each article, *existing* its present neighbours. These are
        dropped, and scored again where the two articles can still find each other. *limits* are
        those of the candidates: a pair that no list takes may be left out.
        """
        changes: Changes = {article_id: {} for article_id in new}
        for article_id, others in existing.items():
            for other in others:
                _set_both(changes, article_id, other, None)
        added = self._find_neighbours(new, limits)
        kept = self._find_neighbours(self._select_valid(existing), None)
        for article_id, other, neighbour in chain(added, kept):
            _set_both(changes, article_id, other, neighbour)
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

    def _find_neighbours(
        self, others: Others, limits: Limits | None
    ) -> Iterator[tuple[str, str, Neighbour]]:
        """Compare each article with its *others*, and yield those that become neighbours.

        Without *limits* all that are near enough do.
        """
        articles = [article_id for article_id in others if article_id in self._numbers]
        articles = [article_id for article_id in articles if others[article_id]]
        ids = self._features.article_ids
        for start in range(0, len(articles), ARTICLES_PER_BATCH):
            lefts, rights = self._pair_up(articles[start : start + ARTICLES_PER_BATCH], others)
            if limits is None:
                found = find_near(self._features, self._judge, lefts, rights)
            else:
                pair_limits = self._list_limits(lefts, rights, others, limits)
                found = find_admitted(self._features, self._judge, lefts, rights, pair_limits)
            places, nearness, evidence = found
            pairs = zip(lefts[places].tolist(), rights[places].tolist(), strict=True)
            for (left, right), score, row in zip(pairs, nearness.tolist(), evidence, strict=True):
                yield ids[left], ids[right], Neighbour(score, row.tobytes())

    def _list_limits(
        self, lefts: Int32Array, rights: Int32Array, others: Others, limits: Limits
    ) -> Float64Array:
        """For each pair the limit of the other's list.

        It is infinite where the other is compared with the article itself, and fills its list then.
        """
        ids = self._features.article_ids
        listed = np.array([limits.get(ids[right], -math.inf) for right in rights.tolist()])
        compared = [
            self._numbers[article_id] for article_id in others if article_id in self._numbers
        ]
        for place in np.flatnonzero(np.isin(rights, compared)).tolist():
            if ids[lefts[place]] in others[ids[rights[place]]]:
                listed[place] = math.inf
        return listed

    def _pair_up(self, articles: Sequence[str], others: Others) -> tuple[Int32Array, Int32Array]:
        """The numbers of *articles*, each repeated for each of its *others*, and of these."""
        numbers = self._numbers
        other_numbers: list[list[int]] = []
        for article_id in articles:
            known = [numbers[other] for other in others[article_id] if other in numbers]
            other_numbers.append(known)
        own_numbers = np.array([numbers[article_id] for article_id in articles], np.int32)
        lefts = np.repeat(own_numbers, [*map(len, other_numbers)])
        return lefts, np.fromiter(chain.from_iterable(other_numbers), np.int32)


def _set_both(changes: Changes, a: str, b: str, neighbour: Neighbour | None) -> None:
    changes[a][b] = neighbour
    changes.setdefault(b, {})[a] = neighbour
