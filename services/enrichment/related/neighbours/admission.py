"""Finds the pairs that a neighbour list will take, comparing as few titles as that needs.

In a large story an article has hundreds of candidates that are all near, and a list takes the best
few. To compare two titles costs more than all else about a pair, and it only speaks against a pair:
without it the pair is at least as near. So titles are compared a few at a time, those first that
may be nearest, until no other pair can enter the list of the article; and then where a pair may
still enter the list of the other one.
"""

from itertools import count
from typing import Final

import numpy as np

from services.enrichment.related.features.arrays import (
    BoolArray,
    Float32Array,
    Float64Array,
    Int32Array,
)
from services.enrichment.related.features.feature_cache import FeatureCache
from services.enrichment.related.judging.judge import Judge
from services.enrichment.related.neighbours.neighbour_lists import BEST
from services.enrichment.related.neighbours.pair_evidence import (
    MIN_NEARNESS,
    add_titles,
    collect_without_titles,
)

STEP: Final = BEST // 2  # pairs of an article that are compared together


def find_admitted(
    features: FeatureCache,
    judge: Judge,
    articles: Int32Array,
    others: Int32Array,
    limits: Float64Array,
) -> tuple[Int32Array, Float64Array, Float32Array]:
    """Find the pairs that enter the list of one of their articles, and perhaps some more.

    *limits* has for each pair the nearness from which on the list of the other takes an entry. The
    pairs of an article are all here, one after the other, and fill its list anew. Returns the
    places of the pairs found, in order, how near they are, and their evidence.
    """
    evidence = collect_without_titles(features, articles, others)
    bounds = judge.rank(evidence).round(4)
    is_near = bounds >= MIN_NEARNESS
    nearness = np.full(len(articles), -np.inf)

    def compare(chosen: BoolArray) -> None:
        places = np.flatnonzero(chosen)
        part = evidence[places]
        add_titles(part, features, articles[places], others[places])
        evidence[places] = part
        nearness[places] = judge.rank(part).round(4)

    # The more of an article's best are compared, the fewer others may still enter its list.
    runs = _number_runs(articles)
    steps = _rank_in_runs(runs, bounds) // STEP
    is_next = is_near & (steps == 0)
    for step in count(1):
        if not is_next.any():
            break
        compare(is_next)
        is_next = is_near & (steps == step) & (bounds >= _find_limits(runs, nearness))
    compare(is_near & np.isneginf(nearness) & (bounds >= limits))
    admitted = np.flatnonzero(nearness >= MIN_NEARNESS).astype(np.int32)
    return admitted, nearness[admitted], evidence[admitted]


def _rank_in_runs(runs: Int32Array, values: Float64Array) -> Int32Array:
    """The rank of each pair among those of its article, highest first; of equals the first."""
    order = np.lexsort((-values, runs))
    ranks = np.empty(len(runs), np.int32)
    ranks[order] = _count_in_runs(runs)
    return ranks


def _find_limits(runs: Int32Array, nearness: Float64Array) -> Float64Array:
    """For each pair the nearness of the last that the list of its article takes, so far as known.

    Minus infinity where the list is not full.
    """
    compared = np.flatnonzero(nearness > -np.inf)
    order = compared[np.lexsort((-nearness[compared], runs[compared]))]
    last = order[_count_in_runs(runs[order]) == BEST - 1]
    limits = np.full(len(runs), -np.inf)
    limits[runs[last]] = nearness[last]
    return limits[runs]


def _number_runs(articles: Int32Array) -> Int32Array:
    """For each pair the number of its article: pairs of one article are next to each other."""
    is_new = np.ones(len(articles), bool)
    is_new[1:] = articles[1:] != articles[:-1]
    return (np.cumsum(is_new) - 1).astype(np.int32)


def _count_in_runs(runs: Int32Array) -> Int32Array:
    """The place of each pair among those of its article, from 0 on; *runs* are in order."""
    begins = np.searchsorted(runs, runs)
    return (np.arange(len(runs)) - begins).astype(np.int32)
