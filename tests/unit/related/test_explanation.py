"""Why two articles are related: the evidence adds up to the chance, a sentence says the rest."""

import math
from typing import Any

import pytest

from services.enrichment.related.explaining.article_pair import ArticlePair, LinkingRules
from services.enrichment.related.explaining.explanation import Explanation, explain
from services.enrichment.related.features.readers import Reader
from services.enrichment.related.judging.feed_statistics import compute_statistics
from services.enrichment.related.judging.judge import load_judge
from services.enrichment.related.neighbours.pair_evidence import SINGLE_PAIR, find_near
from services.enrichment.related.settings import RelatedSettings
from services.enrichment.related.stories.overrides import OverrideConstraints
from shared.store import Neighbour, Signature
from tests.unit.related.articles import cache, sign

TABLE = Reader("table")
SETTINGS = RelatedSettings(related_preset="balanced")
RULES = LinkingRules(
    TABLE,
    load_judge("table"),
    compute_statistics([], TABLE),
    SETTINGS.thresholds,
    SETTINGS.candidate_search,
)
QUAKE = sign("a", "Earthquake shakes Lowmarsh and damages its bridge", "It lasted a minute.")
TREMOR = sign("b", "Strong tremor damages bridge of Lowmarsh", "An earthquake hit Lowmarsh.", 0.5)
AFTER = sign("c", "Bridge of Lowmarsh closed after the earthquake", days=0.7)
BAKERS = sign("d", "Bakers toast the reprieve of their night tram")
TORVALD = sign("e", "Torvald Motors Q3 profit beats estimates as sales rise")
BELGRAVE = sign("f", "Belgrave Foods Q3 profit beats estimates as sales rise")
GERMAN = (
    sign("g", "Das Erdbeben beschädigt die Brücke von Lauenmoor"),
    sign("h", "Erdbeben in Lauenmoor: Brücke beschädigt"),
)


def explain_pair(a: Signature, b: Signature, **fields: Any) -> Explanation:
    return explain(ArticlePair(a, b, **fields), RULES)


def build_entry(a: Signature, b: Signature) -> Neighbour:
    _, nearness, evidence = find_near(cache([a, b]), RULES.judge, *SINGLE_PAIR)
    return Neighbour(float(nearness[0]), evidence[0].tobytes())


def list_kinds(explanation: Explanation) -> dict[str, str]:
    return {statement.kind: statement.text for statement in explanation.evidence}


class TestTheEvidence:
    @pytest.mark.parametrize(
        ("a", "b"),
        [(QUAKE, TREMOR), (TREMOR, QUAKE), (QUAKE, BAKERS), (TORVALD, BELGRAVE), GERMAN],
    )
    def test_adds_up_to_the_odds_of_the_chance(self, a: Signature, b: Signature):
        explained = explain_pair(a, b)
        odds = sum(statement.odds for statement in explained.evidence)
        assert 1 / (1 + math.exp(-odds)) == pytest.approx(explained.score, abs=1e-3)

    def test_comes_with_the_weightiest_first(self):
        weights = [abs(statement.odds) for statement in explain_pair(QUAKE, TREMOR).evidence]
        assert weights == sorted(weights, reverse=True)

    def test_names_what_speaks_against_a_pair(self):
        explained = explain_pair(TORVALD, BELGRAVE)
        assert not explained.is_related
        text = list_kinds(explained)["name"]
        assert "torvald" in text
        assert "belgrave" in text

    def test_names_what_both_have(self):
        assert "lowmarsh" in explain_pair(QUAKE, TREMOR).names.shared
        assert "0.5 days" in list_kinds(explain_pair(QUAKE, TREMOR))["days"]

    def test_counts_the_neighbours_in_common(self):
        lists = {
            "a": {"c": build_entry(QUAKE, AFTER), "b": build_entry(QUAKE, TREMOR)},
            "b": {"c": build_entry(TREMOR, AFTER), "a": build_entry(TREMOR, QUAKE)},
        }
        alone = explain_pair(QUAKE, TREMOR)
        together = explain_pair(QUAKE, TREMOR, lists=lists, neighbours=[AFTER])
        assert [neighbour.article_id for neighbour in together.common_neighbours] == ["c"]
        assert "one other article" in list_kinds(together)["common"]
        assert together.event > alone.event

    def test_says_that_a_text_could_not_be_read(self):
        unread = sign("x", "Zyxomatic qqx")
        assert "could not be read" in list_kinds(explain_pair(QUAKE, unread))["similarity"]

    def test_lists_the_shared_terms(self):
        terms = explain_pair(QUAKE, TREMOR).shared_terms
        assert {"earthquak", "lowmarsh", "bridg"} <= {term.term for term in terms}
        assert sum(term.share for term in terms) == pytest.approx(1)


class TestTheSentence:
    def test_names_the_chance_and_the_threshold(self):
        explained = explain_pair(QUAKE, TREMOR)
        assert explained.is_related
        assert f"the chance of {explained.score:.2f} reaches the 0.50 needed" in explained.reason

    @pytest.mark.parametrize(
        ("other", "reason"),
        [
            (BAKERS, "none of the terms"),
            (
                sign("b", "Strong tremor damages bridge of Lowmarsh", days=9),
                "9.0 days apart, more than 7",
            ),
            (sign("b", "..."), "none of the terms"),
        ],
    )
    def test_says_why_two_articles_are_not_related(self, other: Signature, reason: str):
        explained = explain_pair(QUAKE, other)
        assert not explained.is_related
        assert reason in explained.reason

    def test_says_that_a_chance_is_below_the_threshold(self):
        assert "is below the 0.500 needed" in explain_pair(TORVALD, BELGRAVE).reason

    def test_puts_overrides_above_all(self):
        pins = OverrideConstraints(must_link=frozenset({("a", "d")}))
        blocks = OverrideConstraints(cannot_link=frozenset({("a", "b")}))
        pinned = explain_pair(QUAKE, BAKERS, constraints=pins)
        blocked = explain_pair(QUAKE, TREMOR, constraints=blocks)
        assert (pinned.is_related, blocked.is_related) == (True, False)
        assert "pinned" in pinned.reason
        assert "apart" in blocked.reason
