"""The chances of pairs: what the two articles say alone, and what their neighbours add.

Two articles that are both about one event with the same others are likelier to be about it
themselves. *Common* neighbours are added up as chances: the product of both own chances, each less
0.1, over all articles in both lists. In a dense topic, where all are a little alike, that adds
nothing; ten articles that are likely about one event with both add much. A cosine of lists would
call any two articles of such a topic alike.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np

from services.enrichment.related.features.arrays import Float64Array, Int32Array
from services.enrichment.related.judging.judge import CHANCE_DIGITS, MIN_CHANCE, Judge
from services.enrichment.related.judging.likeness import choose_text_share, measure_likeness
from services.enrichment.related.judging.neighbour_list_cache import (
    LISTS_PER_BATCH,
    NOBODY,
    NeighbourListCache,
)

LISTS_IN_PROCESSOR_CACHE: Final = 16  # more would not stay there while they are summed up
PAIRS_PER_BATCH: Final = 2048  # each takes some KB while its lists are compared

Entries = tuple[Int32Array, ...]
"""Entries of lists, by the numbers of the lists and, if not whole lists, by their places there."""


class ScoredPairs(NamedTuple):
    """Pairs: the chances that an editor would call them related, and that they are about one event.

    `likeness` is how alike the two articles are: see `measure_likeness`.
    """

    related: Float64Array
    event: Float64Array
    likeness: Float64Array


class ListedPairs(NamedTuple):
    """*n* articles, each with the best neighbours in its list.

    `neighbours` are their numbers in the order of the list, the rest is as in `ScoredPairs`. All
    are n × BEST, with 0 where a list is shorter.
    """

    articles: Int32Array
    neighbours: Int32Array
    related: Float64Array
    event: Float64Array
    likeness: Float64Array


def score_listed_pairs(
    lists: NeighbourListCache, articles: Int32Array, judge: Judge, narrowness: float
) -> ListedPairs:
    """Score each article with all of its neighbours, whose lists must be judged too."""
    neighbours = lists.neighbours[articles]
    columns = ScoredPairs(*(np.zeros(neighbours.shape) for _ in ScoredPairs._fields))
    scratch = np.zeros((LISTS_IN_PROCESSOR_CACHE, len(lists.neighbours)))
    for start in range(0, len(articles), LISTS_PER_BATCH):
        batch = slice(start, start + LISTS_PER_BATCH)
        common = _sum_common(lists, articles[batch], scratch)
        scored = _score_entries(lists, (articles[batch],), common, judge, narrowness)
        is_entry = neighbours[batch] != NOBODY
        for column, values in zip(columns, scored, strict=True):
            column[batch] = values * is_entry
    return ListedPairs(articles, neighbours, *columns)


def score_reverse_pairs(
    lists: NeighbourListCache,
    articles: Int32Array,
    others: Int32Array,
    judge: Judge,
    narrowness: float,
) -> tuple[Int32Array, Int32Array, ScoredPairs]:
    """Score the pairs that are in the other article's list alone.

    *articles* and *others* have the pairs by place. Returns the articles, the others and the
    scores of those pairs that qualify.
    """
    qualifying: list[tuple[Int32Array, Int32Array]] = []
    scored: list[ScoredPairs] = []
    for start in range(0, max(1, len(articles)), PAIRS_PER_BATCH):
        batch = slice(start, start + PAIRS_PER_BATCH)
        pairs = _select_reverse(lists, articles[batch], others[batch])
        qualifying.append(pairs)
        scored.append(_score_reverse(lists, *pairs, judge, narrowness))
    own, other = map(np.concatenate, zip(*qualifying, strict=True))
    return own, other, ScoredPairs(*map(np.concatenate, zip(*scored, strict=True)))


def _select_reverse(
    lists: NeighbourListCache, articles: Int32Array, others: Int32Array
) -> tuple[Int32Array, Int32Array]:
    is_in_other = (lists.neighbours[others] == articles[:, None]).any(1)
    is_listed = (lists.neighbours[articles] == others[:, None]).any(1)
    qualifies = is_in_other & ~is_listed
    return articles[qualifies], others[qualifies]


def _score_reverse(
    lists: NeighbourListCache,
    articles: Int32Array,
    others: Int32Array,
    judge: Judge,
    narrowness: float,
) -> ScoredPairs:
    place_in_list = (lists.neighbours[others] == articles[:, None]).argmax(1)
    is_same = lists.neighbours[articles][:, :, None] == lists.neighbours[others][:, None, :]
    is_same &= (lists.neighbours[articles] != NOBODY)[:, :, None]
    sums = np.einsum("ab,ac,abc->a", lists.surplus[articles], lists.surplus[others], is_same)
    return _score_entries(lists, (others, place_in_list), np.log1p(sums), judge, narrowness)


def sum_common(a: Mapping[str, float], b: Mapping[str, float]) -> float:
    """The neighbours in common of a single pair, given the own chances in both lists."""
    total = 0.0
    for other in sorted(a.keys() & b.keys()):
        total += max(0.0, a[other] - MIN_CHANCE) * max(0.0, b[other] - MIN_CHANCE)
    return float(np.log1p(total))


def _sum_common(
    lists: NeighbourListCache, articles: Int32Array, scratch: Float64Array
) -> Float64Array:
    """The common neighbours of each article with each of its neighbours.

    *scratch* has a row for each of the articles that are summed up together and a column for each
    number. It is zero before and after.
    """
    common = np.zeros((len(articles), lists.neighbours.shape[1]))
    for start in range(0, len(articles), len(scratch)):
        part = slice(start, start + len(scratch))
        common[part] = _sum_common_together(lists, articles[part], scratch)
    return common


def _sum_common_together(
    lists: NeighbourListCache, articles: Int32Array, scratch: Float64Array
) -> Float64Array:
    neighbours = lists.neighbours[articles]
    rows = np.arange(len(articles))[:, None]
    scratch[rows, neighbours] = lists.surplus[articles]
    scratch[:, NOBODY] = 0
    second, second_surplus = lists.neighbours[neighbours], lists.surplus[neighbours]
    offsets = rows * scratch.shape[1]
    own_surplus = scratch.take(second + offsets[:, :, None])
    sums = np.einsum("abc,abc->ab", second_surplus, own_surplus)
    scratch[rows, neighbours] = 0
    return np.asarray(np.log1p(sums), np.float64)


def _score_entries(
    lists: NeighbourListCache,
    entries: Entries,
    common: Float64Array,
    judge: Judge,
    narrowness: float,
) -> ScoredPairs:
    """Score entries of lists, given by their place in these."""
    related_odds, event_odds = lists.related_odds[entries], lists.event_odds[entries]
    related = judge.final_chances("related", related_odds, common, narrowness)
    event = judge.final_chances("event", event_odds, common, narrowness)
    share = choose_text_share(judge, narrowness)
    likeness = measure_likeness(lists.evidence[entries], related, share)
    return ScoredPairs(related.round(CHANCE_DIGITS), event.round(CHANCE_DIGITS), likeness)
