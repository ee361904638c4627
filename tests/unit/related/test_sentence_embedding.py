"""Embeddings adjust scores that are doubtful by words, and no others."""

from dataclasses import replace

import numpy as np
import pytest

from services.enrichment.related.features.feature_cache import FeatureCache
from services.enrichment.related.features.sentence_embedding import (
    SentenceModel,
    embedding_cosines,
)
from services.enrichment.related.features.signature import build_signature
from services.enrichment.related.features.word_vectors import load_stem_table
from services.enrichment.related.neighbours.pair_score import (
    DOUBTFUL_SCORES,
    SINGLE_PAIR,
    embedding_adjustments,
    score_pair,
)
from shared.errors import SettingsError
from shared.store import Signature
from tests.unit.related.headlines import build_stored_article

EAST, NORTH = bytes([127]) + bytes(383), bytes(383) + bytes([127])
QUAKE = build_signature(build_stored_article(0, "Earthquake damages the bridge of Lowmarsh"))
REPAIRS = build_signature(build_stored_article(1, "Lowmarsh repairs after the tremor"))
BAKERS = build_signature(build_stored_article(2, "Bakers toast the reprieve of their night tram"))
SAME = build_signature(build_stored_article(3, "Earthquake damages the bridge of Lowmarsh badly"))


def score(a: Signature, b: Signature, embedding_of_a=b"", embedding_of_b=b"") -> float:
    a = replace(a, embedding=embedding_of_a)
    b = replace(b, embedding=embedding_of_b)
    return score_pair(a, b, load_stem_table())


def test_embeddings_raise_or_lower_a_doubtful_score():
    by_words = score(QUAKE, REPAIRS)
    assert DOUBTFUL_SCORES[0] < by_words < DOUBTFUL_SCORES[1]
    assert score(QUAKE, REPAIRS, EAST, NORTH) < by_words < score(QUAKE, REPAIRS, EAST, EAST)


def test_a_single_embedding_changes_nothing():
    by_words = score(QUAKE, REPAIRS)
    assert score(QUAKE, REPAIRS, EAST, b"") == score(QUAKE, REPAIRS, b"", EAST) == by_words


@pytest.mark.parametrize("other", [BAKERS, SAME])
def test_embeddings_change_no_score_that_is_clear_by_words(other: Signature):
    by_words = score(QUAKE, other)
    assert score(QUAKE, other, EAST, EAST) == score(QUAKE, other, EAST, NORTH) == by_words


def test_the_order_of_the_two_does_not_matter():
    assert score(QUAKE, REPAIRS, EAST, NORTH) == score(REPAIRS, QUAKE, NORTH, EAST)


def test_an_empty_embedding_is_similar_to_nothing():
    east, empty, north = (np.frombuffer(code, np.int8) for code in (EAST, b"", NORTH))
    assert embedding_cosines(east, [east, empty, north]).tolist() == [1, 0, 0]


def test_without_embeddings_there_is_no_adjustment():
    features = FeatureCache(load_stem_table(), [QUAKE, REPAIRS])
    scores = np.array([0.3], np.float32)
    assert embedding_adjustments(features, *SINGLE_PAIR, scores).tolist() == [0]


def test_a_model_that_is_not_installed_is_a_settings_error():
    with pytest.raises(SettingsError, match="make model"):
        SentenceModel.load_installed("no_such_package")
