"""The evidence of a pair is symmetric and depends on nothing but the two articles."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.enrichment.related.judging.judge import EVIDENCE, load_judge
from services.enrichment.related.neighbours.pair_evidence import (
    MIN_NEARNESS,
    SINGLE_PAIR,
    collect_evidence,
    find_near,
)
from shared.store import Signature
from tests.unit.related.articles import cache, sign

JUDGE = load_judge("table")


def evidence_of(a: Signature, b: Signature) -> dict[str, float]:
    row = collect_evidence(cache([a, b]), *SINGLE_PAIR)[0]
    return dict(zip(EVIDENCE, row.tolist(), strict=True))


def test_the_same_text_agrees_fully():
    evidence = evidence_of(sign("a", "Comet brightens"), sign("b", "Comet brightens"))
    assert evidence["words"] == pytest.approx(1, abs=1e-3)
    assert evidence["similarity"] == pytest.approx(1, abs=1e-3)
    against = ("days", "name", "date", "contradiction", "same_outlet")
    assert [evidence[column] for column in against] == [0] * 5


def test_articles_without_a_shared_word_agree_in_no_word():
    assert evidence_of(sign("a", "Comet brightens"), sign("b", "Bakers strike"))["words"] == 0


def test_an_article_that_cannot_be_read_has_no_similarity():
    evidence = evidence_of(sign("a", "Comet brightens"), sign("b", "Zyxomatic qqx"))
    assert np.isnan(evidence["similarity"])
    assert evidence_of(sign("a", "..."), sign("b", "..."))["words"] == 0


def test_outlets_and_days_are_compared():
    a = sign("a", "Comet brightens", provider="tide.example")
    b = sign("b", "Comet brightens", days=1.5, provider="tide.example")
    unknown, also_unknown = (sign(name, "Comet brightens") for name in "cd")
    evidence = evidence_of(a, b)
    assert (evidence["days"], evidence["same_outlet"]) == (1.5, 1)
    assert evidence_of(a, unknown)["same_outlet"] == 0
    assert evidence_of(unknown, also_unknown)["same_outlet"] == 0


def test_a_date_in_both_titles_of_one_outlet_is_no_word_in_common():
    titles = "What's new: August 2026 harbour update", "August 2026 theming of the canvas"
    one_outlet = [
        sign(name, text, provider="tide.example") for name, text in zip("ab", titles, strict=True)
    ]
    two_outlets = [one_outlet[0], sign("c", titles[1], provider="quay.example")]
    assert evidence_of(*one_outlet)["words"] < 0.01
    assert evidence_of(*two_outlets)["words"] > 0.1


def test_the_same_text_of_one_outlet_agrees_fully_whatever_its_dates():
    a, b = (sign(name, "Dock news, May 5", provider="tide.example") for name in "ab")
    assert evidence_of(a, b)["words"] == pytest.approx(1, abs=1e-3)


WORDS = st.sampled_from(
    [
        "comet",
        "dock",
        "strike",
        "crane",
        "harbour",
        "Vaskel",
        "quake",
        "tremor",
        "goal",
        "1000",
        "Zyxomatic",
        "Tuesday",
        "vote",
    ]
)
TITLES = st.lists(WORDS, min_size=1, max_size=8).map(" ".join)
DAYS = st.integers(0, 20).map(lambda hours: hours * 7 / 24)


@settings(max_examples=50)
@given(st.lists(st.tuples(TITLES, DAYS), min_size=2, max_size=8))
def test_a_pair_has_the_same_evidence_in_any_batch_and_either_way_round(articles):
    signatures = [
        sign(f"a{number}", title, days=days) for number, (title, days) in enumerate(articles)
    ]
    pairs = np.array([*permutations(range(len(signatures)), 2)], np.int32)
    together = collect_evidence(cache(signatures), *pairs.T)
    for (a, b), row in zip(pairs.tolist(), together, strict=True):
        alone = [*evidence_of(signatures[a], signatures[b]).values()]
        reverse = [*evidence_of(signatures[b], signatures[a]).values()]
        assert row.tolist() == pytest.approx(alone, abs=1.1e-4, nan_ok=True)
        assert alone == pytest.approx(reverse, abs=1.1e-4, nan_ok=True)


def test_near_are_the_pairs_that_the_judge_ranks_high_enough():
    signatures = [
        sign("a", "Comet Vaskell brightens over Pelmoor"),
        sign("b", "Comet Vaskell seen over Pelmoor", days=0.2),
        sign("c", "Bakers toast the reprieve of their night tram", days=6.9),
        sign("d", "Weather forecast for Tuesday"),
        sign("e", "Weather forecast for Wednesday", days=1),
    ]
    features = cache(signatures)
    pairs = np.array([*permutations(range(len(signatures)), 2)], np.int32).T
    places, nearness, evidence = find_near(features, JUDGE, *pairs)
    all_evidence = collect_evidence(features, *pairs)
    is_near = JUDGE.rank(all_evidence) >= MIN_NEARNESS
    assert places.tolist() == np.flatnonzero(is_near).tolist()
    assert nearness == pytest.approx(JUDGE.rank(all_evidence)[is_near], abs=1e-4)
    assert np.array_equal(evidence, all_evidence[is_near], equal_nan=True)
    near = {frozenset(pair) for pair in pairs.T[places].tolist()}
    assert frozenset({0, 1}) in near
    assert frozenset({3, 4}) not in near


def test_what_titles_say_never_speaks_for_a_pair():
    columns = [EVIDENCE.index(name) for name in ("name", "date", "contradiction")]
    words = EVIDENCE.index("words")
    for reader in ("minilm", "table"):
        judge = load_judge(reader)
        assert judge.nearness.weights[words] >= 0
        assert judge.without_directions["event"].weights[words] >= 0
        assert all(judge.nearness.weights[columns] <= 0)
        assert all(judge.without_directions["event"].weights[columns] <= 0)
