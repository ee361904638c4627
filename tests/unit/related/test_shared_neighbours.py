"""Pairs scored in a batch get what the plain formula gives for each of them alone."""

import random

import numpy as np
import pytest

from services.enrichment.related.linking.neighbour_list_cache import (
    BASELINE_SCORE,
    NeighbourListCache,
)
from services.enrichment.related.linking.shared_neighbours import (
    MAX_LINKED,
    SHARED_NEIGHBOUR_GAIN,
    add_shared_neighbours,
    score_listed_pairs,
    score_reverse_pairs,
)
from services.enrichment.related.neighbours.neighbour_lists import BEST
from shared.store import NeighbourList

Lists = dict[str, dict[str, float]]


def cache(scores: Lists) -> NeighbourListCache:
    lists = NeighbourListCache()
    lists.add({name: NeighbourList(1, [*near], [*near.values()]) for name, near in scores.items()})
    return lists


def score_alone(a: str, b: str, lists: Lists) -> float:
    return add_shared_neighbours(lists[a].get(b, 0.0), (a, b), [lists[a], lists[b]])


def build_random_lists(articles: int, pairs: int, seed: int) -> Lists:
    """Symmetric lists, apart from entries that a full list drops."""
    chance = random.Random(seed)
    lists: Lists = {f"a{number}": {} for number in range(articles)}
    for _ in range(pairs):
        a, b = chance.sample([*lists], 2)
        lists[a][b] = lists[b][a] = round(chance.uniform(0.2, 1), 4)
    best = {
        name: [*NeighbourList.from_scores(1, near).entries.items()][:BEST]
        for name, near in lists.items()
    }
    return {name: dict(entries) for name, entries in best.items()}


class TestPairs:
    @pytest.mark.parametrize(("articles", "pairs"), [(5, 6), (60, 400), (80, 2400), (1500, 4000)])
    def test_have_the_score_that_each_has_alone(self, articles: int, pairs: int):
        scores = build_random_lists(articles, pairs, seed=articles)
        lists = cache(scores)
        found = score_listed_pairs(lists, lists.numbers(scores))
        rows = zip(found.articles, found.neighbours, found.scores, strict=True)
        for article, neighbours, row in rows:
            name = lists.article_ids[article]
            names = [lists.article_ids[number] for number in neighbours if number]
            assert names == [*scores[name]]
            alone = [score_alone(name, other, scores) for other in names]
            assert row[: len(names)] == pytest.approx(alone, abs=1.1e-4)
            assert not row[len(names) :].any()

    def test_have_the_same_score_from_both_ends(self):
        lists = cache(build_random_lists(80, 2400, seed=1))
        found = score_listed_pairs(lists, lists.numbers(f"a{number}" for number in range(80)))
        scores: dict[tuple[int, int], float] = {}
        rows = zip(found.articles.tolist(), found.neighbours.tolist(), found.scores, strict=True)
        for article, neighbours, row in rows:
            for other, score in zip(neighbours, row, strict=True):
                if other:
                    scores[article, other] = score
        mutual = [(a, b) for a, b in scores if (b, a) in scores]
        assert len(mutual) > 1000
        assert all(scores[a, b] == scores[b, a] for a, b in mutual)

    def test_may_be_linked_when_one_article_has_the_other_among_its_best(self):
        better = {f"b{number:02}": 0.9 for number in range(MAX_LINKED)}
        scores = {"a": {**better, "z": 0.5}, "z": {"a": 0.5}}
        scores |= {other: {"a": 0.9} for other in better}
        lists = cache(scores)
        found = score_listed_pairs(lists, lists.numbers(["a", "z"]))
        assert found.may_link[0, : MAX_LINKED + 1].all()
        better_for_z = {f"c{number:02}": 0.6 for number in range(MAX_LINKED)}
        scores["z"] = {**better_for_z, "a": 0.5}
        lists = cache(scores | {other: {} for other in better_for_z})
        found = score_listed_pairs(lists, lists.numbers(["a"]))
        assert found.may_link[0].sum() == MAX_LINKED

    def test_gain_nothing_from_each_other_alone(self):
        lists = cache({"a": {"b": 0.7}, "b": {"a": 0.7}})
        assert score_listed_pairs(lists, lists.numbers(["a"])).scores[0, 0] == 0.7

    def test_with_the_same_neighbours_gain_as_much_as_possible(self):
        near = {"x": BASELINE_SCORE + 0.3, "y": BASELINE_SCORE + 0.1}
        lists = cache({"a": {"b": 0.4, **near}, "b": {"a": 0.4, **near}, "x": {}, "y": {}})
        found = score_listed_pairs(lists, lists.numbers(["a"]))
        assert found.scores[0, 0] == pytest.approx(0.4 + SHARED_NEIGHBOUR_GAIN)

    def test_with_half_of_their_neighbours_in_common_gain_a_quarter_of_it(self):
        near = BASELINE_SCORE + 0.3
        lists = cache(
            {
                "a": {"b": 0.4, "x": near, "y": near},
                "b": {"a": 0.4, "x": near, "z": near},
                "x": {},
                "y": {},
                "z": {},
            }
        )
        found = score_listed_pairs(lists, lists.numbers(["a"]))
        assert found.scores[0, 0] == pytest.approx(0.4 + SHARED_NEIGHBOUR_GAIN / 4)

    def test_in_the_list_of_the_other_article_alone_are_found_from_there(self):
        full = {f"b{number:02}": 0.9 for number in range(BEST)}
        scores = {"hub": full, "a": {"hub": 0.5, "b01": 0.4}, "z": {"b01": 0.5}}
        scores |= {other: {} for other in full}
        lists = cache(scores)
        articles, others, found = score_reverse_pairs(
            lists, lists.numbers(["hub", "hub", "a"]), lists.numbers(["a", "z", "hub"])
        )
        assert (lists.ids_of(articles), lists.ids_of(others)) == (["hub"], ["a"])
        alone = add_shared_neighbours(0.5, ("hub", "a"), [full, scores["a"]])
        assert found == pytest.approx([alone], abs=1.1e-4)

    def test_of_no_articles_are_none(self):
        lists = NeighbourListCache()
        assert score_listed_pairs(lists, lists.numbers([])).scores.shape == (0, BEST)
        nobody = np.zeros(0, np.int32)
        assert score_reverse_pairs(lists, nobody, nobody)[2].size == 0


class TestCache:
    def test_a_list_that_is_loaded_again_replaces_the_old_one(self):
        lists = cache({"a": {"b": 0.7, "c": 0.6}, "b": {"a": 0.7}, "c": {"a": 0.6}})
        lists.add({"a": NeighbourList(2, ["c"], [0.5])})
        found = score_listed_pairs(lists, lists.numbers(["a"]))
        assert lists.neighbours_of(found.articles) == ["c"]
        assert found.scores[0, 0] == 0.5
