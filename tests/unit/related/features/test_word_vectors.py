"""The table of stems: complete, and what it promises."""

import hashlib

import numpy as np
import pytest

from services.enrichment.related.features.signature import build_vector
from services.enrichment.related.features.stemming import stem_weight
from services.enrichment.related.features.word_vectors import load_stem_table, weight_from_zipf
from services.enrichment.related.features.word_vectors.table import FILE
from tools.word_vectors import average_by_stem, quantise, reduce_dimensions


def cosine(a: str, b: str) -> float:
    table = load_stem_table()
    a_code, b_code = table.encode_directions([{a: 1.0}, {b: 1.0}])
    return float(table.decode_direction(a_code) @ table.decode_direction(b_code))


def test_the_file_is_the_one_that_was_made():
    digest, name = FILE.with_suffix(".npz.sha256").read_text().split()
    assert name == FILE.name
    assert hashlib.sha256(FILE.read_bytes()).hexdigest() == digest


def test_words_of_similar_meaning_have_similar_directions():
    assert cosine("quak", "earthquak") > 0.6 > 0.45 > cosine("quak", "actress")


def test_a_weight_lies_between_0_and_10():
    assert 0 <= stem_weight("the") < 1 < stem_weight("comet") <= stem_weight("zyxomat") == 10
    assert weight_from_zipf(2.0) == 10


def test_a_direction_is_stored_in_64_bytes():
    table = load_stem_table()
    code = table.encode_direction(build_vector("Earthquake shakes the capital", "", table))
    assert len(code) == 64
    direction = table.decode_direction(code)
    assert float(np.linalg.norm(direction)) == pytest.approx(1.0, abs=0.02)
    other = table.encode_direction(build_vector("Tremor hits a city", "", table))
    assert float(direction @ table.decode_direction(other)) > 0.3


def test_a_text_without_known_words_has_no_direction():
    assert load_stem_table().encode_direction({"zyxomat": 1.0}) == b""


class TestMaking:
    def test_words_of_a_stem_are_averaged_by_how_frequent_they_are(self):
        embeddings = np.array([[1, 0], [0, 1], [1, 1]], np.float32)
        stems, means, counts = average_by_stem(
            ["strike", "strikes", "dock"], embeddings, {"strike": 3, "strikes": 1, "dock": 2}
        )
        assert stems == ["strike", "dock"]
        assert means.tolist() == [[0.75, 0.25], [1, 1]]
        assert counts.tolist() == [4, 2]

    def test_the_dimensions_that_are_kept_are_those_of_most_difference(self):
        chance = np.random.RandomState(2)
        spread = np.linspace(10, 0.1, 100, dtype=np.float32)
        wide = chance.standard_normal((200, 100)).astype(np.float32) * spread
        small = reduce_dimensions(wide, np.ones(200, np.float32))
        assert small.shape == (200, 64)
        assert small.var(0).sum() > 0.95 * wide.var(0).sum()

    def test_bytes_and_scales_give_the_numbers_back(self):
        numbers = np.array([[0.5, -1.0], [100, 3]], np.float32)
        small, scales = quantise(numbers)
        assert small.dtype == np.int8
        assert np.abs(small * scales[:, None] - numbers).max() < 0.5
