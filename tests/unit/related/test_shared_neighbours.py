"""Pairs scored side by side come to what the plain formula gives for each of them alone."""

import random

import numpy as np
import pytest

from services.enrichment.related.linking.shared_neighbours import (
    FAINT,
    LINKED,
    SHARE,
    NearLists,
    supported,
)
from shared.store.ports.relations import BEST, NearList

Lists = dict[str, dict[str, float]]


def lists_of(scores: Lists) -> NearLists:
    kept = NearLists()
    kept.take({one: NearList(1, [*near], [*near.values()]) for one, near in scores.items()})
    return kept


def scored(one: str, other: str, lists: Lists) -> float:
    return supported(lists[one].get(other, 0.0), (one, other), [lists[one], lists[other]])


def some_lists(articles: int, pairs: int, seed: int) -> Lists:
    """Symmetric, but for what is cut."""
    chance = random.Random(seed)
    lists: Lists = {f"a{number}": {} for number in range(articles)}
    for _ in range(pairs):
        one, other = chance.sample([*lists], 2)
        lists[one][other] = lists[other][one] = round(chance.uniform(0.2, 1), 4)
    return {
        one: dict([*NearList.of(1, near).entries.items()][:BEST]) for one, near in lists.items()
    }


class TestPairs:
    @pytest.mark.parametrize(("articles", "pairs"), [(5, 6), (60, 400), (80, 2400), (1500, 4000)])
    def test_have_the_score_that_each_has_alone(self, articles: int, pairs: int):
        lists = some_lists(articles, pairs, seed=articles)
        kept = lists_of(lists)
        found = kept.pairs(kept.numbers(lists))
        for row, others, scores in zip(found.rows, found.others, found.scores, strict=True):
            one = kept.names[row]
            names = [kept.names[number] for number in others if number]
            assert names == [*lists[one]]
            assert scores[: len(names)] == pytest.approx(
                [scored(one, other, lists) for other in names], abs=1.1e-4
            )
            assert not scores[len(names) :].any()

    def test_are_scored_alike_from_both_ends(self):
        kept = lists_of(some_lists(80, 2400, seed=1))
        found = kept.pairs(kept.numbers(f"a{number}" for number in range(80)))
        every = {
            (row, other): score
            for row, others, scores in zip(
                found.rows.tolist(), found.others.tolist(), found.scores, strict=True
            )
            for other, score in zip(others, scores, strict=True)
            if other
        }
        both = [
            (score, every[other, row])
            for (row, other), score in every.items()
            if (other, row) in every
        ]
        assert len(both) > 1000
        assert all(score == back for score, back in both)

    def test_may_be_linked_when_one_has_the_other_among_its_best(self):
        far = {f"b{number:02}": 0.9 for number in range(LINKED)}
        lists = {"a": {**far, "z": 0.5}, "z": {"a": 0.5}} | {other: {"a": 0.9} for other in far}
        kept = lists_of(lists)
        found = kept.pairs(kept.numbers(["a", "z"]))
        assert found.linked[0, : LINKED + 1].all()
        lists["z"] = {**{f"c{number:02}": 0.6 for number in range(LINKED)}, "a": 0.5}
        kept = lists_of(lists | {f"c{number:02}": {} for number in range(LINKED)})
        assert kept.pairs(kept.numbers(["a"])).linked[0].sum() == LINKED

    def test_two_who_have_nobody_else_support_each_other_in_nothing(self):
        kept = lists_of({"a": {"b": 0.7}, "b": {"a": 0.7}})
        assert kept.pairs(kept.numbers(["a"])).scores[0, 0] == 0.7

    def test_of_the_same_neighbours_have_all_the_support_there_is(self):
        near = {"x": FAINT + 0.3, "y": FAINT + 0.1}
        kept = lists_of({"a": {"b": 0.4, **near}, "b": {"a": 0.4, **near}, "x": {}, "y": {}})
        assert kept.pairs(kept.numbers(["a"])).scores[0, 0] == pytest.approx(0.4 + SHARE)

    def test_whose_neighbours_are_half_the_same_have_a_quarter_of_it(self):
        lists = {
            "a": {"b": 0.4, "x": FAINT + 0.3, "y": FAINT + 0.3},
            "b": {"a": 0.4, "x": FAINT + 0.3, "z": FAINT + 0.3},
        }
        kept = lists_of(lists | {"x": {}, "y": {}, "z": {}})
        assert kept.pairs(kept.numbers(["a"])).scores[0, 0] == pytest.approx(0.4 + SHARE / 4)

    def test_that_only_the_other_has_in_its_list_are_found_from_there(self):
        full = {f"b{number:02}": 0.9 for number in range(BEST)}
        lists = {"hub": full, "a": {"hub": 0.5, "b01": 0.4}, "z": {"b01": 0.5}} | {
            other: {} for other in full
        }
        kept = lists_of(lists)
        ones, others = kept.numbers(["hub", "hub", "a"]), kept.numbers(["a", "z", "hub"])
        found_ones, found_others, scores = kept.from_behind(ones, others)
        assert [
            (kept.names[one], kept.names[other])
            for one, other in zip(found_ones, found_others, strict=True)
        ] == [("hub", "a")]
        assert scores == pytest.approx(
            [supported(0.5, ("hub", "a"), [full, lists["a"]])], abs=1.1e-4
        )

    def test_of_nobody_are_none(self):
        kept = NearLists()
        assert kept.pairs(kept.numbers([])).scores.shape == (0, BEST)
        assert kept.from_behind(np.zeros(0, np.int32), np.zeros(0, np.int32))[2].size == 0


class TestMemory:
    def test_a_list_that_is_read_again_takes_the_place_of_the_old_one(self):
        kept = lists_of({"a": {"b": 0.7, "c": 0.6}, "b": {"a": 0.7}, "c": {"a": 0.6}})
        kept.take({"a": NearList(2, ["c"], [0.5])})
        found = kept.pairs(kept.numbers(["a"]))
        assert kept.around(found.rows) == ["c"]
        assert found.scores[0, 0] == 0.5
