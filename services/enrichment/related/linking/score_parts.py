"""The parts that the score of a single pair consists of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from services.enrichment.related.features.feature_cache import FeatureCache
from services.enrichment.related.linking.shared_neighbours import add_shared_neighbours
from services.enrichment.related.neighbours.pair_score import (
    ALIGNMENT_SHARE,
    DIRECTION_SHARE,
    DOUBTFUL_SCORES,
    MIN_COARSE_SCORE,
    NO_DIRECTION_GAIN,
    NO_DIRECTION_MIN_SCORE,
    SINGLE_PAIR,
    coarse_scores,
    embedding_adjustments,
    time_decay,
)
from services.enrichment.related.neighbours.word_similarity import word_alignments, word_cosines


@dataclass(frozen=True)
class ScoreParts:
    """What the score consists of.

    *words* are the shared words, *directions* the directions of the texts, and *word_alignment* the
    nearest word of the other article for each word, all faded with the days between.
    *without_directions* makes up for directions that are not known, *embedding* is what a sentence
    model adds or takes where there is doubt, and *shared_neighbours* comes from the neighbour
    lists.
    """

    words: float = 0.0
    directions: float = 0.0
    word_alignment: float = 0.0
    without_directions: float = 0.0
    embedding: float = 0.0
    shared_neighbours: float = 0.0

    @property
    def total(self) -> float:
        """The score, 0 to 1."""
        from_texts = self.words + self.directions + self.word_alignment + self.without_directions
        return min(1.0, round(from_texts + self.embedding + self.shared_neighbours, 4))


def split_score(
    features: FeatureCache,
    ids: tuple[str, str],
    lists: Sequence[Mapping[str, float]],
    min_score: float,
) -> ScoreParts:
    """Repeat `score_pairs` and `add_shared_neighbours` step by step for the two cached articles.

    *lists* are their neighbour lists, in which neither gets with less than *min_score*.
    """
    if float(coarse_scores(features, *SINGLE_PAIR)[0]) < MIN_COARSE_SCORE:
        return ScoreParts()
    have_directions = bool(features.has_direction[:2].all())
    words, directions, alignment = _split_similarity(features, have_directions)
    score = words + directions + alignment
    without_directions = 0.0
    if not have_directions and score >= NO_DIRECTION_MIN_SCORE:
        without_directions = NO_DIRECTION_GAIN * (1 - score)
    score += without_directions
    embedding = _adjust_by_embedding(features, score)
    score = round(score + embedding, 4)
    shared_neighbours = 0.0
    if score >= min_score:
        shared_neighbours = add_shared_neighbours(score, ids, lists) - score
    return ScoreParts(
        words, directions, alignment, without_directions, embedding, shared_neighbours
    )


def _split_similarity(features: FeatureCache, have_directions: bool) -> tuple[float, float, float]:
    """The parts of words, directions and word alignment."""
    decay = float(time_decay(features, *SINGLE_PAIR)[0])
    direction_share = DIRECTION_SHARE if have_directions else 0.0
    coarse_share = 1 - ALIGNMENT_SHARE
    cosine = float(word_cosines(features, *SINGLE_PAIR)[0])
    direction_cosine = float(features.directions[0] @ features.directions[1])
    alignment = float(word_alignments(features, *SINGLE_PAIR)[0])
    return (
        coarse_share * (1 - direction_share) * cosine * decay,
        coarse_share * direction_share * direction_cosine * decay,
        ALIGNMENT_SHARE * alignment * decay,
    )


def _adjust_by_embedding(features: FeatureCache, score: float) -> float:
    """What the embeddings add to a doubtful score."""
    if not DOUBTFUL_SCORES[0] <= score < DOUBTFUL_SCORES[1]:
        return 0.0
    scores = np.array([score], np.float32)
    return float(embedding_adjustments(features, *SINGLE_PAIR, scores)[0])
