"""A sentence model is heard where words leave a doubt, and there alone; it takes the same for the same text."""

from dataclasses import replace

import numpy as np
import pytest

from services.enrichment.related.features.feature_cache import Readings
from services.enrichment.related.features.sentence_embedding import Model, alike
from services.enrichment.related.features.signature import sign
from services.enrichment.related.features.word_vectors import table
from services.enrichment.related.linking.pair_score import DOUBT, PAIR, judgement, score
from shared.errors import SettingsError
from shared.store import Signature
from tests.unit.related.headlines import stored

EAST, NORTH = bytes([127]) + bytes(383), bytes(383) + bytes([127])
ONE, LIKE, FAR, SAME = (
    sign(stored(number, title))
    for number, title in enumerate(
        [
            "Earthquake damages the bridge of Lowmarsh",
            "Lowmarsh repairs after the tremor",
            "Bakers toast the reprieve of their night tram",
            "Earthquake damages the bridge of Lowmarsh badly",
        ]
    )
)


def scored(one: Signature, two: Signature, *senses: bytes) -> float:
    pair = [
        replace(article, sense=sense)
        for article, sense in zip((one, two), senses or (b"", b""), strict=True)
    ]
    return score(*pair, table())


def test_it_raises_a_doubtful_pair_or_lowers_it():
    assert DOUBT[0] < scored(ONE, LIKE) < DOUBT[1]
    assert scored(ONE, LIKE, EAST, NORTH) < scored(ONE, LIKE) < scored(ONE, LIKE, EAST, EAST)


def test_it_is_heard_where_it_read_both():
    assert scored(ONE, LIKE, EAST, b"") == scored(ONE, LIKE, b"", EAST) == scored(ONE, LIKE)


@pytest.mark.parametrize("other", [FAR, SAME])
def test_it_is_not_asked_where_words_are_sure(other: Signature):
    assert scored(ONE, other, EAST, EAST) == scored(ONE, other, EAST, NORTH) == scored(ONE, other)


def test_who_comes_first_does_not_matter():
    assert scored(ONE, LIKE, EAST, NORTH) == scored(LIKE, ONE, NORTH, EAST)


def test_an_empty_sense_is_like_nothing():
    one = np.frombuffer(EAST, np.int8)
    assert alike(
        one, [one, np.frombuffer(b"", np.int8), np.frombuffer(NORTH, np.int8)]
    ).tolist() == [1, 0, 0]


def test_nobody_asked_changes_nothing():
    readings = Readings(table(), [ONE, LIKE])
    assert judgement(readings, *PAIR, np.array([0.3], np.float32)).tolist() == [0]


def test_a_model_that_is_not_there_is_said():
    with pytest.raises(SettingsError, match="make model"):
        Model.installed("no_such_package")
