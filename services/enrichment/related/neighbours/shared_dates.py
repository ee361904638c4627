"""Dates that two titles of one outlet share: they say when, not what.

*What's new: August feature update* and *August updates for theming* are two columns of one month.
Most of what they share is the date, which the outlet puts into every such title.
"""

import math
from collections.abc import Collection

import numpy as np

from services.enrichment.related.features.arrays import Float32Array, Int32Array
from services.enrichment.related.features.feature_cache import FeatureCache
from services.enrichment.related.judging.judge import SAME_OUTLET, WORDS
from services.enrichment.related.neighbours.word_similarity import MAX_PER_STEM, SAME_TEXT


def leave_out_dates(
    evidence: Float32Array, features: FeatureCache, articles: Int32Array, others: Int32Array
) -> None:
    """Leave such dates out of the words that the articles of each pair share.

    Nothing changes where both texts are the same.
    """
    may_share = (evidence[:, SAME_OUTLET] > 0) & (evidence[:, WORDS] < SAME_TEXT)
    for place in np.flatnonzero(may_share).tolist():
        article, other = int(articles[place]), int(others[place])
        dates = features.titles[article].dates & features.titles[other].dates
        if dates:
            without = _word_cosine_without(features, article, other, dates)
            evidence[place, WORDS] = min(evidence[place, WORDS], round(without, 4))


def _word_cosine_without(
    features: FeatureCache, article: int, other: int, left_out: Collection[str]
) -> float:
    """What `word_cosines` gives for a pair, without the stems that are *left_out*."""
    own, others = features.weights_of(article), features.weights_of(other)
    shared = own.keys() & others.keys() - left_out
    cosine = math.fsum(own[stem] * others[stem] for stem in shared)
    return min(cosine, MAX_PER_STEM * len(shared))
