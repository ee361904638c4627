"""How many of their words two articles share, by weight, for many pairs at once."""

from typing import Final

import numpy as np

from services.enrichment.related.features.arrays import Float32Array, Int32Array
from services.enrichment.related.features.feature_cache import FeatureCache

MAX_PER_STEM: Final = 0.2  # of the cosine; with five stems in common there is no limit
SAME_TEXT: Final = 0.99  # from this cosine on, however short both are


def word_cosines(
    features: FeatureCache, articles: Int32Array, candidates: Int32Array
) -> Float32Array:
    """The cosine of the weights of the stems, for each pair, as far as several stems carry it.

    Of *Fire in Lowmarsh* and *Lowmarsh bakery wins award* half the cosine is one rare name, which
    says where, not what. A longer text has so many words that no single one counts so much.

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
    cosines = np.bincount(pairs, products, len(candidates))
    counts = np.bincount(pairs, own_weights > 0, len(candidates))
    limits = np.where(cosines < SAME_TEXT, MAX_PER_STEM * counts, 1)
    return np.minimum(cosines, limits).astype(np.float32)
