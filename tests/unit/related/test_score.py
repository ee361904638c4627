"""The score: symmetric, of nothing but the two articles."""

from datetime import UTC, datetime, timedelta

import pytest

from services.enrichment.related.score import score
from shared.store import Signature

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def signature(name: str, vector: dict[str, float], at: datetime = MONDAY, column: str = "") -> Signature:
    return Signature(name, 1, at, tuple(vector), vector, column)


def test_the_same_words_on_the_same_day_score_1():
    assert score(signature("a", {"x": 0.6, "y": 0.8}), signature("b", {"x": 0.6, "y": 0.8})) == pytest.approx(1.0)


def test_no_shared_word_scores_0():
    assert score(signature("a", {"x": 1.0}), signature("b", {"y": 1.0})) == 0


def test_it_is_symmetric():
    one = signature("a", {"x": 0.6, "y": 0.8})
    two = signature("b", {"x": 0.28, "z": 0.96}, MONDAY + timedelta(days=2))
    assert score(one, two) == score(two, one) > 0


def test_it_falls_with_the_days_between():
    scores = [
        score(signature("a", {"x": 1.0}), signature("b", {"x": 1.0}, MONDAY + timedelta(days=d))) for d in (0, 3, 6)
    ]
    assert scores == sorted(scores, reverse=True)
    assert scores[1] == pytest.approx(0.904837, abs=1e-6)


def test_issues_of_one_column_are_no_story():
    one = signature("a", {"x": 1.0}, column="paper.example|week in tweet")
    two = signature("b", {"x": 1.0}, column="paper.example|week in tweet")
    assert score(one, two) == 0
