"""Readings: what stands side by side is what each article's signature says, however many there are."""

from datetime import UTC, datetime

import numpy as np

from services.enrichment.related.features.feature_cache import ROOM, Readings
from services.enrichment.related.features.word_vectors import table
from shared.store import Signature

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def signed(name: str, vector: dict[str, float], version: int = 1) -> Signature:
    return Signature(name, version, MONDAY, tuple(vector), vector, "", table().meaning(vector))


def values(readings: Readings, number: int) -> list[float]:
    return readings.values[readings.own(number)].tolist()


def test_an_article_stands_under_its_number_with_its_stems():
    readings = Readings(
        table(), [signed("a", {"dock": 0.5, "qqx": 0.75}), signed("b", {"qqx": 1.0})]
    )
    assert readings.names == ["a", "b"]
    assert (values(readings, 0), values(readings, 1)) == ([0.5, 0.75], [1.0])
    assert readings.known[:2].tolist() == [True, False]
    shared = set(readings.stems[readings.own(0)].tolist()) & set(
        readings.stems[readings.own(1)].tolist()
    )
    assert len(shared) == 1


def test_a_newer_version_takes_the_place_of_the_older():
    readings = Readings(table(), [signed("a", {"dock": 1.0}), signed("b", {"qqx": 1.0})])
    readings.take([signed("a", {"crane": 0.25, "strike": 0.5}, version=2)])
    assert (readings.names, readings.versions) == (["a", "b"], [2, 1])
    assert values(readings, 0) == [0.25, 0.5]


def test_there_is_room_for_any_number():
    count = ROOM + 7
    readings = Readings(
        table(), [signed(f"a{n}", {f"qq{k}": 1.0 for k in range(20)}) for n in range(count)]
    )
    assert len(readings) == count
    assert readings.vocabulary == 21
    assert values(readings, count - 1) == [1.0] * 20


def test_the_entries_of_several_are_laid_end_to_end():
    readings = Readings(
        table(),
        [signed("a", {"qqx": 0.5, "qqy": 0.25}), signed("b", {}), signed("c", {"qqz": 1.0})],
    )
    places, begins = readings.entries(np.array([2, 0, 1], np.int32))
    assert readings.values[places].tolist() == [1.0, 0.5, 0.25, 0.0]
    assert begins.tolist() == [0, 1, 3]
