"""Why two articles are related: the parts add up to the score, and the sentence says what decided."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.enrichment.related.features.signature import sign
from services.enrichment.related.features.word_vectors import table
from services.enrichment.related.linking.explanation import Case, Explanation, explain
from services.enrichment.related.linking.pair_score import score
from services.enrichment.related.linking.shared_neighbours import supported
from services.enrichment.related.settings import RelatedSettings
from services.enrichment.related.stories.overrides import Orders
from shared.store import Signature, StoredArticle

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
RULES = RelatedSettings(related_preset="balanced")


def signed(
    name: str, title: str, excerpt: str = "", days: float = 0, provider: str = ""
) -> Signature:
    at = (NOW + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
    from_ = f'provider:\n  name: "{provider}"\n' if provider else ""
    seed = (
        f'---\ntitle: "{title}"\nexcerpt: "{excerpt}"\npublishedDateTime: {at}\n'
        f'webUrl: "https://{name}.example/x"\n{from_}---\n'
    )
    return sign(StoredArticle(name, seed.encode(), 1, (), NOW, NOW))


QUAKE = signed(
    "a", "Earthquake shakes Lowmarsh and damages its bridge", "The tremor lasted a minute."
)
TREMOR = signed(
    "b", "Strong tremor damages bridge of Lowmarsh", "Nobody was hurt by the earthquake.", 1.5
)
AWAY = signed("c", "Bakers toast the reprieve of their night tram")
OTHER = [TREMOR, AWAY, signed("d", "地震が橋を壊した"), signed("e", "...")]
BLIND = (
    signed("f", "Das Erdbeben beschädigt die Brücke von Lauenmoor"),
    signed("g", "Erdbeben in Lauenmoor: Brücke"),
)


def explained(one: Signature, two: Signature, **more: Any) -> Explanation:
    return explain(Case(one, two, **more), table(), RULES.bar, RULES.reach)


class TestTheParts:
    @pytest.mark.parametrize(
        ("one", "two"), [(QUAKE, other) for other in OTHER] + [(TREMOR, QUAKE), BLIND]
    )
    def test_add_up_to_the_score(self, one: Signature, two: Signature):
        expected = score(one, two, table())
        assert explained(one, two).score == pytest.approx(expected, abs=1.5e-4)

    def test_of_words_that_point_nowhere(self):
        assert explained(*BLIND).parts.blind > 0
        assert explained(QUAKE, TREMOR).parts.blind == 0

    def test_of_the_neighbourhood_are_what_linking_adds(self):
        near = {"a": {"b": 0.5, "x": 0.6, "y": 0.3}, "b": {"a": 0.5, "x": 0.4, "z": 0.3}}
        found = explained(QUAKE, TREMOR, near=near)
        own = score(QUAKE, TREMOR, table())
        assert found.score == pytest.approx(
            supported(own, ("a", "b"), [near["a"], near["b"]]), abs=1.5e-4
        )
        assert found.parts.support > 0.05

    def test_terms_add_up_to_the_words(self):
        found = explained(QUAKE, TREMOR)
        assert sum(term.share for term in found.terms) == pytest.approx(1)
        assert sum(term.one * term.two for term in found.terms) == pytest.approx(
            found.cosine, abs=1e-3
        )
        assert {"earthquak", "lowmarsh", "bridg"} <= {term.term for term in found.terms}

    def test_what_nobody_looks_at_again_gets_no_support(self):
        near = {"a": {"x": 0.6}, "c": {"x": 0.6}}
        assert explained(QUAKE, AWAY, near=near).parts.support == 0

    def test_words_that_are_alike_are_named(self):
        one, two = signed("a", "Quake hits Lowmarsh"), signed("b", "Tremor at Lowmarsh")
        assert ("quak", "tremor") in {(alike.one, alike.two) for alike in explained(one, two).alike}


class TestTheSentence:
    def test_says_what_it_was_held_against(self):
        near, far = explained(QUAKE, TREMOR, story_size=9), explained(QUAKE, AWAY)
        assert (near.related, near.threshold) == (True, RULES.bar.in_story)
        assert (
            f"at or above {RULES.bar.in_story:.2f}, as is needed for two in one story of 9"
            in near.reason
        )
        assert (far.related, far.threshold) == (False, RULES.bar.related)

    @pytest.mark.parametrize(
        ("two", "reason"),
        [
            (AWAY, "none of the terms"),
            (
                signed("b", "Strong tremor damages bridge of Lowmarsh", days=9),
                "9.0 days apart, more than 7",
            ),
            (signed("b", "..."), "too little in common"),
        ],
    )
    def test_says_why_not(self, two: Signature, reason: str):
        found = explained(QUAKE, two)
        assert not found.related
        assert reason in found.reason

    def test_a_score_below_the_bar(self):
        one, two = (
            signed("a", "Lowmarsh council debates the budget"),
            signed("b", "Lowmarsh wins the Heron Cup"),
        )
        needed = (
            f"is below the {RULES.bar.related:.2f} that is needed for two that are not in one story"
        )
        assert needed in explained(one, two).reason

    def test_issues_of_a_column(self):
        one = signed("a", "Funniest tweets of week 12", provider="Tide")
        two = signed("b", "Funniest tweets of week 13", provider="Tide")
        assert "recurring column" in explained(one, two).reason

    def test_the_newsrooms_word_stands_above_all(self):
        pinned = explained(QUAKE, AWAY, orders=Orders(together=frozenset({("a", "c")})))
        blocked = explained(QUAKE, TREMOR, orders=Orders(apart=frozenset({("a", "b")})))
        assert (pinned.related, blocked.related) == (True, False)
        assert "pinned" in pinned.reason
        assert "apart" in blocked.reason
