"""How similar the words of two articles are, for many pairs at once.

All functions take the articles of *n* pairs as two arrays of *n* numbers in the feature cache.
"""

from typing import Final

import numpy as np

from services.enrichment.related.features.arrays import Float32Array, Int32Array
from services.enrichment.related.features.feature_cache import FeatureCache

# A word has no match in the other article if the nearest word there has a lower cosine.
MIN_WORD_SIMILARITY: Final = 0.40


def word_cosines(
    features: FeatureCache, articles: Int32Array, candidates: Int32Array
) -> Float32Array:
    """The cosine of the weights of the stems, for each pair."""
    distinct, row_of_pair = np.unique(articles, return_inverse=True)
    own, _ = features.entry_positions(distinct)
    # The stems of all articles get the columns of a matrix, counted from 1; column 0 is for other
    # stems.
    columns = np.zeros(features.stem_count, np.int32)
    columns[features.stems[own]] = np.arange(1, len(own) + 1)
    matrix = np.zeros((len(distinct), len(own) + 1), np.float32)
    rows = np.repeat(np.arange(len(distinct)), features.lengths[distinct])
    matrix[rows, columns[features.stems[own]]] = features.weights[own]

    positions, _ = features.entry_positions(candidates)
    pairs = np.repeat(np.arange(len(candidates)), features.lengths[candidates])
    shared = np.flatnonzero(columns[features.stems[positions]])
    positions, pairs = positions[shared], pairs[shared]
    own_weights = matrix[row_of_pair[pairs], columns[features.stems[positions]]]
    products = features.weights[positions] * own_weights
    # bincount adds up in float64, which gives the same sum in any order.
    return np.bincount(pairs, products, len(candidates)).astype(np.float32)


def word_alignments(
    features: FeatureCache, articles: Int32Array, candidates: Int32Array
) -> Float32Array:
    """How well each article's words are matched in the other, by weight: 0 to 1.

    It is the harmonic mean of both directions. The pairs of one article must stand side by side.
    """
    positions, begins = features.entry_positions(candidates)
    similarities = _word_similarities(features, articles, positions, begins)
    best_in_candidate = np.maximum.reduceat(similarities, begins, axis=1)
    _zero_distant(best_in_candidate)
    forward = np.einsum("wn,wn->n", _padded_shares(features, articles), best_in_candidate)
    best_in_article = similarities.max(0)
    _zero_distant(best_in_article)
    backward: Float32Array = np.add.reduceat(
        best_in_article * features.weight_shares[positions], begins
    )
    mean = 2 * forward * backward / np.maximum(forward + backward, 1e-6)
    return np.asarray(mean, np.float32)


def _word_similarities(
    features: FeatureCache, articles: Int32Array, positions: Int32Array, begins: Int32Array
) -> Float32Array:
    """The cosines of the stems at *positions* with each stem of the article they are paired with.

    There are as many rows as the longest article has stems. The rows after those of a shorter
    article are 0.
    """
    unit_vectors, table_rows = features.table.unit_vectors, features.table_rows
    similarities = np.zeros((features.lengths[articles].max(), len(positions)), np.float32)
    first_pairs = np.flatnonzero(np.diff(articles, prepend=-1))
    starts = begins[first_pairs].tolist()
    ends = [*starts[1:], len(positions)]
    for article, start, end in zip(articles[first_pairs].tolist(), starts, ends, strict=True):
        own = unit_vectors[table_rows[features.entry_range(article)]]
        others = unit_vectors.take(table_rows[positions[start:end]], 0)
        similarities[: len(own), start:end] = own @ others.T
    return similarities


def _padded_shares(features: FeatureCache, articles: Int32Array) -> Float32Array:
    """The weight shares of each article's stems as a column, padded with 0."""
    lengths = features.lengths[articles]
    rows = np.arange(lengths.max())[:, None]
    is_stem = rows < lengths
    positions = np.where(is_stem, features.starts[articles] + rows, 0)
    return np.where(is_stem, features.weight_shares[positions], np.float32(0))


def _zero_distant(similarities: Float32Array) -> None:
    """Set the similarities that are no match to 0, in place."""
    similarities[similarities < MIN_WORD_SIMILARITY] = 0
