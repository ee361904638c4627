"""The pair score is symmetric and depends on nothing but the two articles."""

import math
from datetime import UTC, datetime, timedelta
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.enrichment.related.features.feature_cache import FeatureCache
from services.enrichment.related.features.signature import build_vector
from services.enrichment.related.features.word_vectors import load_stem_table
from services.enrichment.related.neighbours.pair_score import DECAY_DAYS, score_pair, score_pairs
from shared.store import Signature

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def signature(
    name: str, vector: dict[str, float], at: datetime = MONDAY, column: str = ""
) -> Signature:
    direction = load_stem_table().encode_direction(vector)
    return Signature(name, 1, at, tuple(vector), vector, column, direction)


def signature_of(name: str, title: str, at: datetime = MONDAY) -> Signature:
    return signature(name, build_vector(title, "", load_stem_table()), at)


def cache(*titles: str) -> FeatureCache:
    signatures = [signature_of(f"a{number}", title) for number, title in enumerate(titles)]
    return FeatureCache(load_stem_table(), signatures)


def score(a: Signature, b: Signature) -> float:
    return score_pair(a, b, load_stem_table())


def test_the_same_words_on_the_same_day_score_1():
    vector = {"qqx": 0.6, "qqy": 0.8}
    assert score(signature("a", vector), signature("b", vector)) == pytest.approx(1.0)
    a, b = signature_of("a", "Comet brightens"), signature_of("b", "Comet brightens")
    assert score(a, b) == pytest.approx(1.0, abs=0.01)


def test_articles_without_a_shared_word_score_0():
    assert score(signature("a", {"qqx": 1.0}), signature("b", {"qqy": 1.0})) == 0


def test_the_score_is_symmetric():
    a = signature_of("a", "Dockworkers strike in Varnholm")
    b = signature_of("b", "Port of Varnholm closed by strikers")
    assert score(a, b) == score(b, a) > 0


def test_words_of_similar_meaning_raise_the_score():
    quake = signature_of("a", "Earthquake shakes capital")
    similar = signature_of("b", "Tremor hits city")
    different = signature_of("c", "Actress wins award")
    assert score(quake, similar) > score(quake, different)


def test_the_score_falls_with_the_days_between():
    first = signature("a", {"qqx": 1.0})
    values = [
        score(first, signature("b", {"qqx": 1.0}, MONDAY + timedelta(days=days)))
        for days in (0, 3, 6)
    ]
    assert values == sorted(values, reverse=True)
    a = signature_of("a", "Comet brightens")
    b = signature_of("b", "Comet brightens", MONDAY + timedelta(days=3))
    assert score(a, b) == pytest.approx(math.exp(-3 / DECAY_DAYS), abs=0.01)


def test_issues_of_one_column_score_0():
    a = signature("a", {"qqx": 1.0}, column="paper.example|week in tweet")
    b = signature("b", {"qqx": 1.0}, column="paper.example|week in tweet")
    assert score(a, b) == 0


def test_an_article_without_words_scores_0():
    assert score(signature("a", {}), signature("b", {})) == 0
    assert score(signature("a", {}), signature_of("b", "Comet brightens")) == 0


WORDS = st.sampled_from(
    [
        "comet",
        "dock",
        "strike",
        "crane",
        "harbour",
        "vaskel",
        "quake",
        "tremor",
        "goal",
        "1000",
        "zyxomatic",
        "minister",
        "vote",
    ]
)
TITLES = st.lists(WORDS, max_size=8).map(" ".join)
TIMES = st.integers(0, 20).map(lambda hours: MONDAY + timedelta(hours=hours * 7))


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(TITLES, TIMES), min_size=2, max_size=12))
def test_other_pairs_in_the_batch_do_not_change_a_score(articles):
    signatures = [
        signature_of(f"a{number}", title, at) for number, (title, at) in enumerate(articles)
    ]
    first, *others = signatures
    size = len(others)
    features = FeatureCache(load_stem_table(), signatures)
    together = score_pairs(features, np.zeros(size, np.int32), np.arange(1, size + 1))
    alone = [score(other, first) for other in others]
    assert together == pytest.approx(alone, abs=1e-3)
    assert all(0 <= value <= 1 for value in alone)


def test_a_pair_scores_the_same_alone_and_in_a_batch():
    features = cache(
        "Comet brightens over the harbour",
        "Comet Vaskell brightens",
        "Dock strike ends",
        "Strike at the docks",
    )
    pairs = [*permutations(range(4), 2)]
    together = score_pairs(features, *np.array(pairs, np.int32).T)
    alone = [float(score_pairs(features, np.array([a]), np.array([b]))[0]) for a, b in pairs]
    assert together.tolist() == pytest.approx(alone, abs=1e-4)
    assert max(alone) > 0.3


def test_the_pairs_with_the_best_coarse_scores_are_aligned():
    features = cache(*["Comet brightens"] * 4)
    articles, candidates = np.array([0, 0, 1, 0], np.int32), np.array([1, 2, 2, 3], np.int32)
    assert np.count_nonzero(score_pairs(features, articles, candidates)) == 4
    limited = score_pairs(features, articles, candidates, max_alignments=1)
    assert np.flatnonzero(limited).tolist() == [0, 2]
