"""The table of stems: whole, and as its promises say."""

import hashlib

import numpy as np
import pytest

from services.enrichment.related.features.signature import weigh
from services.enrichment.related.features.stemming import weight
from services.enrichment.related.features.word_vectors import table, weight_of
from services.enrichment.related.features.word_vectors.table import FILE
from tools.word_vectors import by_stem, quantised, reduced


def cosine(one: str, two: str) -> float:
    a, b = table().units[table().rows([one, two])]
    return float(a @ b)


def test_the_file_is_the_one_that_was_made():
    digest, name = FILE.with_suffix(".npz.sha256").read_text().split()
    assert name == FILE.name
    assert hashlib.sha256(FILE.read_bytes()).hexdigest() == digest


def test_words_that_mean_alike_point_alike():
    assert cosine("quak", "earthquak") > 0.6 > 0.45 > cosine("quak", "actress")


def test_an_unknown_word_is_near_to_itself_alone():
    assert cosine("zyxomat", "zyxomat") == pytest.approx(1.0)
    assert abs(cosine("zyxomat", "comet")) < 0.45


def test_a_weight_lies_between_0_and_10():
    assert 0 <= weight("the") < 1 < weight("comet") <= weight("zyxomat") == 10
    assert weight_of(2.0) == 10


def test_a_meaning_is_kept_in_64_bytes():
    meaning = table().meaning(weigh("Earthquake shakes the capital", "", table()))
    assert len(meaning) == 64
    assert float(np.linalg.norm(table().direction(meaning))) == pytest.approx(1.0, abs=0.02)
    other = table().direction(table().meaning(weigh("Tremor hits a city", "", table())))
    assert float(table().direction(meaning) @ other) > 0.3


def test_no_known_word_has_no_meaning():
    assert table().meaning({"zyxomat": 1.0}) == b""
    assert not table().direction(b"").any()


class TestMaking:
    def test_words_of_a_stem_are_averaged_by_how_frequent_they_are(self):
        directions = np.array([[1, 0], [0, 1], [1, 1]], np.float32)
        stems, means, counts = by_stem(
            ["strike", "strikes", "dock"], directions, {"strike": 3, "strikes": 1, "dock": 2}
        )
        assert stems == ["strike", "dock"]
        assert means.tolist() == [[0.75, 0.25], [1, 1]]
        assert counts.tolist() == [4, 2]

    def test_the_dimensions_that_are_kept_are_those_of_most_difference(self):
        chance = np.random.RandomState(2)
        wide = chance.standard_normal((200, 100)).astype(np.float32) * np.linspace(
            10, 0.1, 100, dtype=np.float32
        )
        small = reduced(wide, np.ones(200, np.float32))
        assert small.shape == (200, 64)
        assert small.var(0).sum() > 0.95 * wide.var(0).sum()

    def test_bytes_and_scales_give_the_numbers_back(self):
        numbers = np.array([[0.5, -1.0], [100, 3]], np.float32)
        small, scales = quantised(numbers)
        assert small.dtype == np.int8
        assert np.abs(small * scales[:, None] - numbers).max() < 0.5
