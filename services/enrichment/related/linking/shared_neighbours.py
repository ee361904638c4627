"""Second-order similarity: articles with the same neighbours are likelier to be about one event.

To the score of a pair comes half the square of the cosine of their two neighbour lists, without the
pair itself: left in, it would raise the score of any two articles that have no other neighbour. The
cosine is squared because a common topic makes lists agree in part, and an event nearly in full.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from services.enrichment.related.features.arrays import BoolArray, Float64Array, Int32Array
from services.enrichment.related.linking.neighbour_list_cache import (
    BASELINE_SCORE,
    NOBODY,
    NeighbourListCache,
)
from services.enrichment.related.neighbours.neighbour_lists import BEST

# So many of the best neighbours may be linked: people see ten, and some of these come from the
# other article's list.
MAX_LINKED: Final = 20
SHARED_NEIGHBOUR_GAIN: Final = 0.5  # for lists that agree fully; a quarter of it for half agreement
LISTS_PER_BATCH: Final = 16  # more would not stay in the processor's cache
_MIN_SQUARE: Final = 1e-9


class ListedPairs(NamedTuple):
    """*n* articles, each with the best neighbours in its list.

    `neighbours` are their numbers in the order of the list, `scores` include shared neighbours, and
    `may_link` says whether a neighbour is among the MAX_LINKED best in either list. All three are
    n × BEST, with 0 where a list is shorter.
    """

    articles: Int32Array
    neighbours: Int32Array
    scores: Float64Array
    may_link: BoolArray


def score_listed_pairs(lists: NeighbourListCache, articles: Int32Array) -> ListedPairs:
    """Score each article with all of its neighbours, whose lists must be loaded too."""
    scores = np.zeros((len(articles), BEST))
    may_link = np.zeros((len(articles), BEST), bool)
    scratch = np.zeros((LISTS_PER_BATCH, len(lists.squares)))
    for start in range(0, len(articles), LISTS_PER_BATCH):
        batch = slice(start, start + LISTS_PER_BATCH)
        scores[batch], may_link[batch] = _score_batch(lists, articles[batch], scratch)
    return ListedPairs(articles, lists.neighbours[articles], scores, may_link)


def score_reverse_pairs(
    lists: NeighbourListCache, articles: Int32Array, others: Int32Array
) -> tuple[Int32Array, Int32Array, Float64Array]:
    """Score the pairs that are in the other article's list alone, and may be linked.

    *articles* and *others* have the pairs by place. Returns the articles, the others and the scores
    of those pairs that qualify.
    """
    may_link = (lists.neighbours[others, :MAX_LINKED] == articles[:, None]).any(1)
    is_listed = (lists.neighbours[articles] == others[:, None]).any(1)
    qualifies = may_link & ~is_listed
    articles, others = articles[qualifies], others[qualifies]
    place_in_list = (lists.neighbours[others] == articles[:, None]).argmax(1)
    own_scores = lists.scores[others, place_in_list]
    is_same = lists.neighbours[articles][:, :, None] == lists.neighbours[others][:, None, :]
    is_same &= (lists.neighbours[articles] != NOBODY)[:, :, None]
    products = np.einsum("ab,ac,abc->a", lists.scores[articles], lists.scores[others], is_same)
    squares = lists.squares[articles] * (lists.squares[others] - own_scores**2)
    return articles, others, _add_similarity(own_scores, products, squares)


def add_shared_neighbours(
    score: float, pair: tuple[str, str], lists: Sequence[Mapping[str, float]]
) -> float:
    """Add shared neighbours to the score of a single pair, given the neighbour lists of both."""
    a, b = pair
    scores_of_a, scores_of_b = map(_scores_above_baseline, lists)
    scores_of_a.pop(b, None)
    scores_of_b.pop(a, None)
    product = sum(value * scores_of_b.get(other, 0.0) for other, value in scores_of_a.items())
    squares = _sum_of_squares(scores_of_a) * _sum_of_squares(scores_of_b)
    cosine = min(1.0, product / math.sqrt(max(squares, _MIN_SQUARE)))
    return round(min(1.0, score + SHARED_NEIGHBOUR_GAIN * cosine**2), 4)


def _sum_of_squares(scores: Mapping[str, float]) -> float:
    return sum(score**2 for score in scores.values())


def _scores_above_baseline(entries: Mapping[str, float]) -> dict[str, float]:
    best = [*entries.items()][:BEST]
    return {other: score - BASELINE_SCORE for other, score in best}


def _score_batch(
    lists: NeighbourListCache, articles: Int32Array, scratch: Float64Array
) -> tuple[Float64Array, BoolArray]:
    """The scores, and which pairs may be linked.

    *scratch* has a row for each of *articles* and a column for each number. It is zero before and
    after.
    """
    neighbours, scores = lists.neighbours[articles], lists.scores[articles]
    rows = np.arange(len(articles))[:, None]
    scratch[rows, neighbours] = scores
    scratch[:, NOBODY] = 0
    second, second_scores = lists.neighbours[neighbours], lists.scores[neighbours]
    offsets = rows * scratch.shape[1]
    products = np.einsum("abc,abc->ab", second_scores, scratch.take(second + offsets[:, :, None]))
    scratch[rows, neighbours] = 0
    is_mutual = second == articles[:, None, None]
    mutual_scores = np.einsum("abc,abc->ab", second_scores, is_mutual)
    squares = (lists.squares[articles][:, None] - scores**2) * (
        lists.squares[neighbours] - mutual_scores**2
    )
    may_link = is_mutual[:, :, :MAX_LINKED].any(2)
    may_link[:, :MAX_LINKED] = True
    is_entry = neighbours != NOBODY
    return _add_similarity(scores, products, squares) * is_entry, may_link & is_entry


def _add_similarity(
    scores: Float64Array, products: Float64Array, squares: Float64Array
) -> Float64Array:
    """The final scores. The cosine of two lists is their product over the root of *squares*."""
    cosines = np.minimum(1.0, products / np.sqrt(np.maximum(squares, _MIN_SQUARE)))
    return np.minimum(1.0, scores + BASELINE_SCORE + SHARED_NEIGHBOUR_GAIN * cosines**2).round(4)
