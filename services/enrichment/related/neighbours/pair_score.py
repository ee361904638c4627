"""How likely two articles are about one event: 0 to 1, symmetric, and from nothing but the two.

A coarse score compares their words and their directions. Pairs that pass are also aligned word by
word: how similar is the most similar word of the other article? Both fade with the days between.
Where the result is doubtful and a sentence model has read both articles, their embeddings adjust
it.

The functions for many pairs take the articles as two arrays of *n* numbers in the feature cache.
"""

from typing import Final

import numpy as np

from services.enrichment.related.features.arrays import (
    BoolArray,
    Float32Array,
    Float64Array,
    IndexArray,
    Int32Array,
)
from services.enrichment.related.features.feature_cache import FeatureCache
from services.enrichment.related.features.sentence_embedding import embedding_cosines
from services.enrichment.related.features.word_vectors import StemTable
from services.enrichment.related.neighbours.word_similarity import word_alignments, word_cosines
from shared.store import Signature

# An event is over within days (docs/decisions/0029): a tenth is gone after one, half after a week.
DECAY_DAYS: Final = 10.0
DIRECTION_SHARE: Final = 0.4  # of the coarse score; the words have the rest
ALIGNMENT_SHARE: Final = 0.5  # of the score; the coarse score has the rest
MIN_COARSE_SCORE: Final = 0.1  # pairs below it never end up related, and score 0
# Without directions, from this score on, a pair gains a share of what it lacks to 1: as much as the
# table of directions adds to two related articles in English.
NO_DIRECTION_MIN_SCORE: Final = 0.2
NO_DIRECTION_GAIN: Final = 0.12
# Embeddings count between these scores: below nothing is related, above everything.
DOUBTFUL_SCORES: Final = (0.2, 0.7)
EMBEDDING_SHARE: Final = 0.5  # of a doubtful score
EMBEDDING_EXCESS: Final = 0.08  # by so much cosines of embeddings are higher than scores
SINGLE_PAIR: Final = (np.array([0], np.int32), np.array([1], np.int32))
"""The only pair in a cache of two articles."""


def score_pair(a: Signature, b: Signature, table: StemTable) -> float:
    """Score a single pair as `score_pairs` does."""
    signatures = sorted((a, b), key=lambda signature: signature.article_id)
    return float(score_pairs(FeatureCache(table, signatures), *SINGLE_PAIR)[0])


def score_pairs(
    features: FeatureCache,
    articles: Int32Array,
    candidates: Int32Array,
    max_alignments: int | None = None,
) -> Float64Array:
    """Score *n* pairs; 0 for those whose coarse score is too low.

    Of each article's pairs at most *max_alignments* are aligned word by word, those with the best
    coarse scores; the others score 0. So do issues of one recurring column.
    """
    scores = np.zeros(len(candidates), np.float32)
    coarse = coarse_scores(features, articles, candidates)
    best = _select_best(articles, coarse, max_alignments)
    if best.size:
        pairs = articles[best], candidates[best]
        alignments = word_alignments(features, *pairs) * time_decay(features, *pairs)
        scores[best] = (1 - ALIGNMENT_SHARE) * coarse[best] + ALIGNMENT_SHARE * alignments
    lacks_direction = ~have_directions(features, articles, candidates)
    gaining = lacks_direction & (scores >= NO_DIRECTION_MIN_SCORE)
    scores[gaining] += NO_DIRECTION_GAIN * (1 - scores[gaining])
    doubtful = np.flatnonzero((scores >= DOUBTFUL_SCORES[0]) & (scores < DOUBTFUL_SCORES[1]))
    scores[doubtful] += embedding_adjustments(
        features, articles[doubtful], candidates[doubtful], scores[doubtful]
    )
    return np.minimum(1.0, scores.astype(np.float64).round(4))


def _select_best(
    articles: Int32Array, coarse: Float32Array, max_alignments: int | None
) -> IndexArray:
    """Select the pairs to align: one article after the other, its best pairs first."""
    order = np.lexsort((-coarse, articles))
    _, begins, sizes = np.unique(articles[order], return_index=True, return_counts=True)
    ranks = np.arange(len(articles)) - np.repeat(begins, sizes)
    best: IndexArray = order[ranks < (max_alignments or len(articles))]
    return best[coarse[best] >= MIN_COARSE_SCORE]


def coarse_scores(
    features: FeatureCache, articles: Int32Array, candidates: Int32Array
) -> Float32Array:
    """The cosines of words and of directions, faded; 0 for issues of one recurring column."""
    directions = np.einsum(
        "nd,nd->n", features.directions[articles], features.directions[candidates]
    )
    # Without directions the words have all of the score.
    shares = np.where(
        have_directions(features, articles, candidates), np.float32(DIRECTION_SHARE), np.float32(0)
    )
    words = word_cosines(features, articles, candidates)
    similarities = (1 - shares) * words + shares * directions
    scores = similarities * time_decay(features, articles, candidates)
    columns = features.columns[articles]
    is_one_column = (columns == features.columns[candidates]) & (columns > 0)
    return np.where(is_one_column, np.float32(0), scores).astype(np.float32)


def embedding_adjustments(
    features: FeatureCache, articles: Int32Array, candidates: Int32Array, scores: Float32Array
) -> Float32Array:
    """What embeddings add to doubtful *scores*; 0 for pairs that lack one."""
    have_embeddings = features.has_embedding[articles] & features.has_embedding[candidates]
    cosines = np.zeros(len(candidates), np.float32)
    for article in np.unique(articles[have_embeddings]).tolist():
        own_pairs = have_embeddings & (articles == article)
        others = [features.embeddings[number] for number in candidates[own_pairs].tolist()]
        cosines[own_pairs] = embedding_cosines(features.embeddings[article], others)
    targets = (cosines - EMBEDDING_EXCESS) * time_decay(features, articles, candidates)
    adjustments = EMBEDDING_SHARE * (targets - scores)
    return np.where(have_embeddings, adjustments, np.float32(0)).astype(np.float32)


def have_directions(
    features: FeatureCache, articles: Int32Array, candidates: Int32Array
) -> BoolArray:
    """Whether both articles of each pair have a direction."""
    both: BoolArray = features.has_direction[articles] & features.has_direction[candidates]
    return both


def time_decay(
    features: FeatureCache, articles: Int32Array, candidates: Int32Array
) -> Float32Array:
    """The part of a score that the days between leave: 1 for the same moment."""
    days = np.abs(features.days[candidates] - features.days[articles])
    return np.asarray(np.exp(-days / DECAY_DAYS), np.float32)
