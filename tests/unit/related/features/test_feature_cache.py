"""The feature cache holds what each article's signature says, however many articles there are."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from services.enrichment.related.features.feature_cache import INITIAL_ARTICLES, FeatureCache
from services.enrichment.related.features.readers import Reader
from services.enrichment.related.features.word_vectors import load_stem_table
from shared.store import Signature, TitleWord

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def signature(name: str, vector: dict[str, float], version: int = 1) -> Signature:
    direction = load_stem_table().encode_direction(vector)
    return Signature(name, version, MONDAY, tuple(vector), vector, direction=direction)


def cache(*signatures: Signature) -> FeatureCache:
    return FeatureCache(Reader("table"), signatures)


def weights(features: FeatureCache, article: int) -> list[float]:
    return features.weights[features.entry_range(article)].tolist()


def stems(features: FeatureCache, article: int) -> set[int]:
    return set(features.stems[features.entry_range(article)].tolist())


def test_an_article_is_found_by_its_number_with_its_stems():
    features = cache(signature("a", {"dock": 0.5, "qqx": 0.75}), signature("b", {"qqx": 1.0}))
    assert features.article_ids == ["a", "b"]
    assert (weights(features, 0), weights(features, 1)) == ([0.5, 0.75], [1.0])
    assert features.has_direction(np.arange(2, dtype=np.int32)).tolist() == [True, False]
    assert len(stems(features, 0) & stems(features, 1)) == 1


def test_directions_have_length_1_or_are_zeros():
    features = cache(signature("a", {"dock": 0.5}), signature("b", {"qqx": 1.0}))
    lengths = np.linalg.norm(features.directions_of(slice(2)), axis=1)
    assert lengths.round(6).tolist() == [1, 0]


def test_titles_are_compared_with_the_words_and_stems_of_the_newest_version():
    words = (TitleWord("cranes", "word", ("crane",)),)
    first = replace(signature("a", {"dock": 1.0}), title=())
    features = cache(first)
    assert features.titles[0].texts == ()
    features.add([replace(signature("a", {"crane": 1.0}, version=2), title=words)])
    assert features.titles[0].texts == ("cranes",)
    assert features.titles[0].stems == {"crane"}


def test_a_title_is_the_same_however_many_others_were_compared_since():
    words = (TitleWord("cranes", "word", ("crane",)),)
    titles = [replace(signature(f"a{n}", {"crane": 1.0}), title=words) for n in range(3000)]
    features = cache(*titles)
    before = features.titles[0]
    assert {features.titles[number].texts for number in range(3000)} == {("cranes",)}
    assert features.titles[0] == before


def test_a_newer_version_replaces_the_older_one():
    features = cache(signature("a", {"dock": 1.0}), signature("b", {"qqx": 1.0}))
    features.add([signature("a", {"crane": 0.25, "strike": 0.5}, version=2)])
    assert (features.article_ids, features.versions) == (["a", "b"], [2, 1])
    assert weights(features, 0) == [0.25, 0.5]


def test_there_is_room_for_any_number_of_articles():
    count = INITIAL_ARTICLES + 7
    vector = {f"qq{number}": 1.0 for number in range(20)}
    features = cache(*(signature(f"a{number}", vector) for number in range(count)))
    assert len(features) == count
    assert features.stem_count == 21
    assert weights(features, count - 1) == [1.0] * 20


def test_the_entries_of_several_articles_come_one_article_after_the_other():
    features = cache(
        signature("a", {"qqx": 0.5, "qqy": 0.25}), signature("b", {}), signature("c", {"qqz": 1.0})
    )
    positions, begins = features.entry_positions(np.array([2, 0, 1], np.int32))
    assert features.weights[positions].tolist() == [1.0, 0.5, 0.25, 0.0]
    assert begins.tolist() == [0, 1, 3]
