"""How many of their words two articles share, by weight, for many pairs at once."""

import numpy as np

from services.enrichment.related.features.arrays import Float32Array, Int32Array
from services.enrichment.related.features.feature_cache import FeatureCache


def word_cosines(
    features: FeatureCache, articles: Int32Array, candidates: Int32Array
) -> Float32Array:
    """The cosine of the weights of the stems, for each pair.

    Takes the articles of *n* pairs as two arrays of *n* numbers in the feature cache.
    """
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
