"""Why two articles are related: the parts add up to the score, and a sentence says what decided."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.enrichment.related.features.signature import build_signature
from services.enrichment.related.features.word_vectors import load_stem_table
from services.enrichment.related.linking.explanation import ArticlePair, Explanation, explain
from services.enrichment.related.linking.shared_neighbours import add_shared_neighbours
from services.enrichment.related.neighbours.pair_score import score_pair
from services.enrichment.related.settings import RelatedSettings
from services.enrichment.related.stories.overrides import OverrideConstraints
from shared.store import Signature, StoredArticle

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SETTINGS = RelatedSettings(related_preset="balanced")
THRESHOLDS = SETTINGS.thresholds


def signature(
    name: str, title: str, excerpt: str = "", days: float = 0, provider: str = ""
) -> Signature:
    at = (NOW + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
    provider_lines = f'provider:\n  name: "{provider}"\n' if provider else ""
    seed = (
        f'---\ntitle: "{title}"\nexcerpt: "{excerpt}"\npublishedDateTime: {at}\n'
        f'webUrl: "https://{name}.example/x"\n{provider_lines}---\n'
    )
    return build_signature(StoredArticle(name, seed.encode(), 1, (), NOW, NOW))


QUAKE = signature(
    "a", "Earthquake shakes Lowmarsh and damages its bridge", "The tremor lasted a minute."
)
TREMOR = signature(
    "b", "Strong tremor damages bridge of Lowmarsh", "Nobody was hurt by the earthquake.", 1.5
)
BAKERS = signature("c", "Bakers toast the reprieve of their night tram")
JAPANESE = signature("d", "地震が橋を壊した")
WITHOUT_WORDS = signature("e", "...")
GERMAN = (
    signature("f", "Das Erdbeben beschädigt die Brücke von Lauenmoor"),
    signature("g", "Erdbeben in Lauenmoor: Brücke"),
)
PAIRS = [
    (QUAKE, TREMOR),
    (QUAKE, BAKERS),
    (QUAKE, JAPANESE),
    (QUAKE, WITHOUT_WORDS),
    (TREMOR, QUAKE),
    GERMAN,
]


def explain_pair(a: Signature, b: Signature, **fields: Any) -> Explanation:
    pair = ArticlePair(a, b, **fields)
    return explain(pair, load_stem_table(), THRESHOLDS, SETTINGS.candidate_search)


class TestTheParts:
    @pytest.mark.parametrize(("a", "b"), PAIRS)
    def test_add_up_to_the_score(self, a: Signature, b: Signature):
        expected = score_pair(a, b, load_stem_table())
        assert explain_pair(a, b).score == pytest.approx(expected, abs=1.5e-4)

    def test_make_up_for_directions_that_are_not_known(self):
        assert explain_pair(*GERMAN).parts.without_directions > 0
        assert explain_pair(QUAKE, TREMOR).parts.without_directions == 0

    def test_of_the_neighbour_lists_are_what_linking_adds(self):
        neighbours = {"a": {"b": 0.5, "x": 0.6, "y": 0.3}, "b": {"a": 0.5, "x": 0.4, "z": 0.3}}
        explained = explain_pair(QUAKE, TREMOR, neighbours=neighbours)
        by_texts = score_pair(QUAKE, TREMOR, load_stem_table())
        lists = [neighbours["a"], neighbours["b"]]
        expected = add_shared_neighbours(by_texts, ("a", "b"), lists)
        assert explained.score == pytest.approx(expected, abs=1.5e-4)
        assert explained.parts.shared_neighbours > 0.05

    def test_of_the_words_are_what_the_terms_add_up_to(self):
        explained = explain_pair(QUAKE, TREMOR)
        terms = explained.shared_terms
        assert sum(term.share for term in terms) == pytest.approx(1)
        products = sum(term.weight_in_a * term.weight_in_b for term in terms)
        assert products == pytest.approx(explained.cosine, abs=1e-3)
        assert {"earthquak", "lowmarsh", "bridg"} <= {term.term for term in terms}

    def test_below_the_score_of_neighbours_gain_nothing_from_shared_ones(self):
        neighbours = {"a": {"x": 0.6}, "c": {"x": 0.6}}
        explained = explain_pair(QUAKE, BAKERS, neighbours=neighbours)
        assert explained.parts.shared_neighbours == 0

    def test_come_with_the_words_that_are_similar(self):
        a, b = signature("a", "Quake hits Lowmarsh"), signature("b", "Tremor at Lowmarsh")
        similar = {(word.term, word.nearest) for word in explain_pair(a, b).similar_words}
        assert ("quak", "tremor") in similar


class TestTheSentence:
    def test_names_the_threshold(self):
        near, far = explain_pair(QUAKE, TREMOR, story_size=9), explain_pair(QUAKE, BAKERS)
        assert (near.is_related, near.threshold) == (True, THRESHOLDS.in_story)
        assert (
            f"at or above the {THRESHOLDS.in_story:.2f} needed by two articles in one story of 9"
            in near.reason
        )
        assert (far.is_related, far.threshold) == (False, THRESHOLDS.related)

    @pytest.mark.parametrize(
        ("other", "reason"),
        [
            (BAKERS, "none of the terms"),
            (
                signature("b", "Strong tremor damages bridge of Lowmarsh", days=9),
                "9.0 days apart, more than 7",
            ),
            (signature("b", "..."), "too little in common"),
        ],
    )
    def test_says_why_two_articles_are_not_related(self, other: Signature, reason: str):
        explained = explain_pair(QUAKE, other)
        assert not explained.is_related
        assert reason in explained.reason

    def test_says_that_a_score_is_below_the_threshold(self):
        a = signature("a", "Lowmarsh council debates the budget")
        b = signature("b", "Lowmarsh wins the Heron Cup")
        needed = (
            f"is below the {THRESHOLDS.related:.2f} needed by two articles in different stories"
        )
        assert needed in explain_pair(a, b).reason

    def test_names_a_recurring_column(self):
        a = signature("a", "Funniest tweets of week 12", provider="Tide")
        b = signature("b", "Funniest tweets of week 13", provider="Tide")
        assert "recurring column" in explain_pair(a, b).reason

    def test_puts_overrides_above_all(self):
        pins = OverrideConstraints(must_link=frozenset({("a", "c")}))
        blocks = OverrideConstraints(cannot_link=frozenset({("a", "b")}))
        pinned = explain_pair(QUAKE, BAKERS, constraints=pins)
        blocked = explain_pair(QUAKE, TREMOR, constraints=blocks)
        assert (pinned.is_related, blocked.is_related) == (True, False)
        assert "pinned" in pinned.reason
        assert "apart" in blocked.reason
