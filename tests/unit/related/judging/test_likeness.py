"""Links are ordered by how alike the articles are, whatever the feed."""

import numpy as np
import pytest

from services.enrichment.related.features.arrays import Float32Array
from services.enrichment.related.judging.judge import EVIDENCE, SIMILARITY, WORDS, load_judge
from services.enrichment.related.judging.likeness import choose_text_share, measure_likeness

JUDGE = load_judge("table")


def build_evidence(similarity: float, words: float) -> Float32Array:
    evidence = np.zeros((1, len(EVIDENCE)), np.float32)
    evidence[0, SIMILARITY], evidence[0, WORDS] = similarity, words
    return evidence


def likeness(similarity: float, words: float, related: float, text_share: float = 0.5) -> float:
    evidence = build_evidence(similarity, words)
    return float(measure_likeness(evidence, np.array([related]), text_share)[0])


class TestLikeness:
    def test_grows_with_what_the_texts_have_in_common(self):
        assert likeness(0.8, 0.6, 0.99) > likeness(0.8, 0.5, 0.99) > likeness(0.7, 0.5, 0.99)

    def test_grows_with_chances_that_people_see_as_one(self):
        assert likeness(0.7, 0.5, 0.9994) > likeness(0.7, 0.5, 0.9951)

    def test_lies_between_0_and_1(self):
        assert likeness(1, 1, 1) == 1
        assert likeness(-0.2, 0, 0.0) == 0

    def test_of_texts_without_directions_is_by_their_words(self):
        assert likeness(float("nan"), 0.5, 0.9) == likeness(0.5, 0.5, 0.9)

    def test_of_texts_that_share_no_word_is_certainty_alone(self):
        assert likeness(0.9, 0, 0.5) == 0

    def test_of_texts_alone_is_the_same_however_sure_the_link_is(self):
        assert likeness(0.7, 0.5, 0.6, text_share=1) == likeness(0.7, 0.5, 0.99, text_share=1)

    def test_is_mostly_certainty_in_a_feed_of_many_subjects(self):
        neutral, narrowest = JUDGE.range.neutral, JUDGE.range.high
        assert choose_text_share(JUDGE, 0.0) == choose_text_share(JUDGE, neutral) == 0.25
        assert choose_text_share(JUDGE, (neutral + narrowest) / 2) == pytest.approx(1)
        assert choose_text_share(JUDGE, 1.0) == 1
