"""The score: symmetric, of nothing but the two articles."""

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.enrichment.related.features.feature_cache import Readings
from services.enrichment.related.features.signature import weigh
from services.enrichment.related.features.word_vectors import table
from services.enrichment.related.linking.pair_score import MEMORY_DAYS, score, scores
from shared.store import Signature

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def signed(
    name: str, vector: dict[str, float], at: datetime = MONDAY, column: str = ""
) -> Signature:
    return Signature(name, 1, at, tuple(vector), vector, column, table().meaning(vector))


def of(name: str, title: str, at: datetime = MONDAY) -> Signature:
    return signed(name, weigh(title, "", table()), at)


def test_the_same_words_on_the_same_day_score_1():
    vector = {"qqx": 0.6, "qqy": 0.8}
    assert score(signed("a", vector), signed("b", vector), table()) == pytest.approx(1.0)
    assert score(of("a", "Comet brightens"), of("b", "Comet brightens"), table()) == pytest.approx(
        1.0, abs=0.01
    )


def test_no_shared_word_scores_0():
    assert score(signed("a", {"qqx": 1.0}), signed("b", {"qqy": 1.0}), table()) == 0


def test_it_is_symmetric():
    one, two = (
        of("a", "Dockworkers strike in Varnholm"),
        of("b", "Port of Varnholm closed by strikers"),
    )
    assert score(one, two, table()) == score(two, one, table()) > 0


def test_words_that_mean_alike_say_something_without_being_the_same():
    one = of("a", "Earthquake shakes capital")
    assert score(one, of("b", "Tremor hits city"), table()) > score(
        one, of("c", "Actress wins award"), table()
    )


def test_it_falls_with_the_days_between():
    values = [
        score(
            signed("a", {"qqx": 1.0}),
            signed("b", {"qqx": 1.0}, MONDAY + timedelta(days=d)),
            table(),
        )
        for d in (0, 3, 6)
    ]
    assert values == sorted(values, reverse=True)
    one, two = of("a", "Comet brightens"), of("b", "Comet brightens", MONDAY + timedelta(days=3))
    assert score(one, two, table()) == pytest.approx(math.exp(-3 / MEMORY_DAYS), abs=0.01)


def test_issues_of_one_column_are_no_story():
    one = signed("a", {"qqx": 1.0}, column="paper.example|week in tweet")
    two = signed("b", {"qqx": 1.0}, column="paper.example|week in tweet")
    assert score(one, two, table()) == 0


def test_an_article_of_no_words_is_near_to_nothing():
    assert score(signed("a", {}), signed("b", {}), table()) == 0
    assert score(signed("a", {}), of("b", "Comet brightens"), table()) == 0


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
def test_the_company_in_which_a_pair_is_scored_changes_nothing(articles):
    one, *others = signatures = [
        of(f"a{number}", title, at) for number, (title, at) in enumerate(articles)
    ]
    size = len(others)
    together = scores(
        Readings(table(), signatures), np.zeros(size, np.int32), np.arange(1, size + 1)
    )
    alone = [score(other, one, table()) for other in others]
    assert together == pytest.approx(alone, abs=1e-3)
    assert all(0 <= value <= 1 for value in alone)


def test_a_pair_scores_the_same_whoever_is_scored_beside_it():
    titles = [
        "Comet brightens over the harbour",
        "Comet Vaskell brightens",
        "Dock strike ends",
        "Strike at the docks",
    ]
    readings = Readings(table(), [of(f"a{number}", title) for number, title in enumerate(titles)])
    pairs = [(one, other) for one in range(4) for other in range(4) if one != other]
    together = scores(readings, *np.array(pairs, np.int32).T)
    alone = [float(scores(readings, np.array([one]), np.array([other]))[0]) for one, other in pairs]
    assert together.tolist() == pytest.approx(alone, abs=1e-4)
    assert max(alone) > 0.3


def test_of_each_article_the_best_at_first_look_are_looked_at_closer():
    readings = Readings(
        table(), [of(f"a{number}", title) for number, title in enumerate(["Comet brightens"] * 4)]
    )
    ones, others = np.array([0, 0, 1, 0], np.int32), np.array([1, 2, 2, 3], np.int32)
    assert np.count_nonzero(scores(readings, ones, others)) == 4
    assert np.flatnonzero(scores(readings, ones, others, looks=1)).tolist() == [0, 2]
