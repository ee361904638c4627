"""How alike two linked articles are, which orders the links of an article.

See docs/decisions/0055-what-is-listed-first.md.
"""

import math
from typing import Final

import numpy as np

from services.enrichment.related.features.arrays import Float32Array, Float64Array
from services.enrichment.related.judging.judge import (
    CHANCE_DIGITS,
    SIMILARITY,
    WORDS,
    Judge,
    has_similarity,
)

TEXT_DIGITS: Final = 3
CERTAINTY_DIGITS: Final = 2
LEAST_TEXT_SHARE: Final = 0.25  # of likeness, where a feed has many subjects; the rest is certainty
_LEAST_CHANCE: Final = 10.0**-CHANCE_DIGITS
_MOST_ODDS: Final = math.log(1 / _LEAST_CHANCE - 1)


def choose_text_share(judge: Judge, narrowness: float) -> float:
    """How much of likeness is that of the texts, from .25 to 1; the rest is certainty.

    In general news the chance knows more than the texts: it has seen days, names and neighbours in
    common. Where all of a feed is about one subject, neighbours in common make every pair of a busy
    week as sure as the next, and the texts say which are closest.
    """
    return LEAST_TEXT_SHARE + (1 - LEAST_TEXT_SHARE) * judge.measure_unity(narrowness)


def measure_likeness(
    evidence: Float32Array, related: Float64Array, text_share: float
) -> Float64Array:
    """How alike two articles are: by their texts, and by how sure it is that they are *related*.

    For n pairs: *evidence* is n × 7, *related* are n chances, and so many numbers from 0 to 1 are
    returned.

    The likeness of texts is the geometric mean of words and similarity, or the words alone: texts
    that share their subject but no words are not close. Certainty is the log odds of the chance,
    which still tell .99 from .999. It is rounded to two digits, or whatever changes around a story
    would change all its links; the texts, which never change, to three.
    """
    words = np.clip(evidence[..., WORDS].astype(np.float64), 0, 1)
    similarity = np.clip(evidence[..., SIMILARITY].astype(np.float64), 0, 1)
    texts = np.sqrt(words * np.where(has_similarity(evidence), similarity, words))
    bounded = np.clip(related, _LEAST_CHANCE, 1 - _LEAST_CHANCE)
    certainty = np.log(bounded / (1 - bounded)) / _MOST_ODDS
    from_texts = (text_share * texts).round(TEXT_DIGITS)
    from_certainty = ((1 - text_share) * certainty).round(CERTAINTY_DIGITS)
    likeness = np.clip(from_texts + from_certainty, 0, 1).round(TEXT_DIGITS)
    return np.asarray(likeness, np.float64)
