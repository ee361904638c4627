"""What speaks for and against two articles being about one event: from nothing but the two.

Symmetric. The functions for many pairs take the articles as two arrays of *n* numbers in the
feature cache. `judging/judge.py` says what the columns of evidence mean.
"""

from typing import Final

import numpy as np

from services.enrichment.related.features.arrays import Float32Array, Float64Array, Int32Array
from services.enrichment.related.features.feature_cache import FeatureCache
from services.enrichment.related.judging.judge import EVIDENCE, Judge
from services.enrichment.related.neighbours.shared_dates import leave_out_dates
from services.enrichment.related.neighbours.title_comparison import compare_titles
from services.enrichment.related.neighbours.word_similarity import word_cosines

# Pairs below it end up with a chance of a percent or two, whatever their neighbours.
MIN_NEARNESS: Final = -4.0
PAIRS_PER_BATCH: Final = 2048  # whose directions are multiplied together, in 6 MB
SINGLE_PAIR: Final = (np.array([0], np.int32), np.array([1], np.int32))
"""The only pair in a cache of two articles."""

_TITLE_COLUMNS: Final = slice(EVIDENCE.index("name"), EVIDENCE.index("contradiction") + 1)


def collect_evidence(
    features: FeatureCache, articles: Int32Array, others: Int32Array
) -> Float32Array:
    """The evidence of *n* pairs: n × 7."""
    evidence = collect_without_titles(features, articles, others)
    add_titles(evidence, features, articles, others)
    return evidence


def find_near(
    features: FeatureCache, judge: Judge, articles: Int32Array, others: Int32Array
) -> tuple[Int32Array, Float64Array, Float32Array]:
    """Find the pairs that are near enough to count.

    Returns their places, how near they are, and their evidence. What titles say only speaks against
    a pair: so titles are compared only where all else is near enough.
    """
    evidence = collect_without_titles(features, articles, others)
    places = np.flatnonzero(judge.rank(evidence) >= MIN_NEARNESS).astype(np.int32)
    evidence = evidence[places]
    add_titles(evidence, features, articles[places], others[places])
    nearness = judge.rank(evidence).round(4)
    is_near = nearness >= MIN_NEARNESS
    return places[is_near], nearness[is_near], evidence[is_near]


def collect_without_titles(
    features: FeatureCache, articles: Int32Array, others: Int32Array
) -> Float32Array:
    """The evidence of *n* pairs without the columns that say how the titles differ."""
    outlets = features.outlets[articles]
    have_directions = features.has_direction(articles) & features.has_direction(others)
    similarities = _multiply_directions(features, articles, others)
    evidence = np.zeros((len(articles), len(EVIDENCE)), np.float32)
    columns = {
        "similarity": np.where(have_directions, similarities, np.nan),
        "words": word_cosines(features, articles, others),
        "days": np.abs(features.days[articles] - features.days[others]),
        "same_outlet": (outlets == features.outlets[others]) & (outlets > 0),
    }
    for name, values in columns.items():
        evidence[:, EVIDENCE.index(name)] = values
    # The last bits depend on which article comes first.
    return evidence.round(4)


def _multiply_directions(
    features: FeatureCache, articles: Int32Array, others: Int32Array
) -> Float32Array:
    """The cosine of each pair. Whole numbers are added up, so it is the same either way round."""
    products = np.zeros(len(articles), np.float32)
    for start in range(0, len(articles), PAIRS_PER_BATCH):
        part = slice(start, start + PAIRS_PER_BATCH)
        codes = features.codes[articles[part]].astype(np.float32)
        other_codes = features.codes[others[part]].astype(np.float32)
        products[part] = np.einsum("nd,nd->n", codes, other_codes)
    scales = features.scales[articles].astype(np.float64) * features.scales[others]
    return np.asarray(products * scales, np.float32)


def add_titles(
    evidence: Float32Array, features: FeatureCache, articles: Int32Array, others: Int32Array
) -> None:
    """Fill the columns that say how the titles differ, and leave out dates that both have."""
    titles = features.titles
    days = np.abs(features.days[articles] - features.days[others]).tolist()
    pairs = zip(articles.tolist(), others.tolist(), days, strict=True)
    differences = [compare_titles(titles[a], titles[b], apart) for a, b, apart in pairs]
    if differences:
        evidence[:, _TITLE_COLUMNS] = np.array(differences, np.float32).round(4)
    leave_out_dates(evidence, features, articles, others)
