"""Pairs judged in a batch get what the plain formula gives for each of them alone."""

import random

import numpy as np
import pytest

from services.enrichment.related.judging.feed_statistics import FeedStatistics
from services.enrichment.related.judging.judge import (
    EVIDENCE,
    load_judge,
    to_chances,
)
from services.enrichment.related.judging.neighbour_list_cache import NeighbourListCache
from services.enrichment.related.judging.pair_chances import (
    score_listed_pairs,
    score_reverse_pairs,
    sum_common,
)
from services.enrichment.related.neighbours.neighbour_lists import BEST
from shared.store import Neighbour, NeighbourList

JUDGE = load_judge("table")
CENTRE = np.full(64, 0.05, np.float32)
STATISTICS = FeedStatistics(CENTRE, 0.4)
Lists = dict[str, dict[str, Neighbour]]


def near(words: float, days: float = 0.1) -> Neighbour:
    """An entry for a pair that agrees by so much."""
    row = np.zeros(len(EVIDENCE), np.float32)
    row[EVIDENCE.index("similarity")] = row[EVIDENCE.index("words")] = words
    row[EVIDENCE.index("days")] = days
    return Neighbour(float(JUDGE.rank(row[None])[0]), row.tobytes())


def cache(entries: Lists) -> NeighbourListCache:
    lists = NeighbourListCache()
    lists.add({name: NeighbourList.from_entries(1, near) for name, near in entries.items()})
    names = [*entries]
    lists.set_projections(names, np.linspace(0.1, 0.3, len(names), dtype=np.float32))
    lists.judge(lists.numbers(names), JUDGE, STATISTICS)
    return lists


def list_chances(lists: NeighbourListCache, name: str) -> dict[str, float]:
    """The own chances of one event in the list of an article."""
    (row,) = lists.numbers([name])
    names = lists.ids_of(lists.neighbours[row])
    chances = to_chances(lists.event_odds[row]).tolist()
    return {other: chance for other, chance in zip(names, chances, strict=True) if other}


def judge_alone(lists: NeighbourListCache, a: str, b: str) -> tuple[float, float]:
    """The chances of being related, and of one event."""
    row, other = lists.numbers([a, b])
    place = lists.neighbours[row].tolist().index(other)
    common = np.array([sum_common(list_chances(lists, a), list_chances(lists, b))])
    odds = lists.related_odds[row, place : place + 1], lists.event_odds[row, place : place + 1]
    related = JUDGE.final_chances("related", odds[0], common, STATISTICS.narrowness)
    event = JUDGE.final_chances("event", odds[1], common, STATISTICS.narrowness)
    return float(related[0]), float(event[0])


def build_random_lists(articles: int, pairs: int, seed: int) -> Lists:
    """Symmetric lists, apart from entries that a full list drops."""
    dice = random.Random(seed)
    lists: Lists = {f"a{number}": {} for number in range(articles)}
    for _ in range(pairs):
        a, b = dice.sample([*lists], 2)
        lists[a][b] = lists[b][a] = near(round(dice.uniform(0.1, 0.9), 4))
    best: Lists = {}
    for name, entries in lists.items():
        ordered = NeighbourList.from_entries(1, entries).entries
        best[name] = dict([*ordered.items()][:BEST])
    return best


class TestPairs:
    @pytest.mark.parametrize(("articles", "pairs"), [(5, 6), (60, 400), (80, 2400), (1500, 4000)])
    def test_have_the_chances_that_each_has_alone(self, articles: int, pairs: int):
        entries = build_random_lists(articles, pairs, seed=articles)
        lists = cache(entries)
        found = score_listed_pairs(lists, lists.numbers(entries), JUDGE, STATISTICS.narrowness)
        for place, name in enumerate([*entries][:60]):
            names = lists.ids_of(found.neighbours[place][found.neighbours[place] != 0])
            assert names == [*entries[name]]
            for column, other in enumerate(names):
                chances = found.related[place, column], found.event[place, column]
                assert chances == pytest.approx(judge_alone(lists, name, other), abs=1.1e-4)
            assert not found.related[place, len(names) :].any()

    def test_have_the_same_chances_from_both_ends(self):
        lists = cache(build_random_lists(80, 2400, seed=1))
        numbers = lists.numbers(f"a{number}" for number in range(80))
        found = score_listed_pairs(lists, numbers, JUDGE, STATISTICS.narrowness)
        chances: dict[tuple[int, int], float] = {}
        rows = zip(found.articles.tolist(), found.neighbours.tolist(), found.event, strict=True)
        for article, neighbours, row in rows:
            for other, chance in zip(neighbours, row, strict=True):
                if other:
                    chances[article, other] = chance
        mutual = [(a, b) for a, b in chances if (b, a) in chances]
        assert len(mutual) > 1000
        for a, b in mutual:
            assert chances[a, b] == pytest.approx(chances[b, a], abs=1.1e-4)

    def test_gain_by_neighbours_in_common_and_not_by_each_other(self):
        alone = cache({"a": {"b": near(0.4)}, "b": {"a": near(0.4)}})
        third = {"c": near(0.8), "d": near(0.8)}
        lists: Lists = {"a": {"b": near(0.4), **third}, "b": {"a": near(0.4), **third}}
        together = cache({**lists, "c": {}, "d": {}})
        chances: list[float] = []
        for features in (alone, together):
            found = score_listed_pairs(
                features, features.numbers(["a"]), JUDGE, STATISTICS.narrowness
            )
            names = features.ids_of(found.neighbours[0])
            chances.append(float(found.event[0, names.index("b")]))
        assert chances[0] < chances[1]
        assert sum_common({"b": 0.9}, {"a": 0.9}) == 0

    def test_gain_nothing_by_neighbours_that_are_unlikely(self):
        faint = dict.fromkeys(("x", "y", "z"), 0.09)
        assert sum_common(faint, faint) == 0
        likely = dict.fromkeys(("x", "y", "z"), 0.9)
        assert sum_common(likely, likely) == pytest.approx(np.log1p(3 * 0.8**2))

    def test_in_the_list_of_the_other_article_alone_are_found_from_there(self):
        full = {f"b{number:02}": near(0.9) for number in range(BEST)}
        entries: Lists = {"hub": full, "a": {"hub": near(0.5), "b01": near(0.4)}}
        entries |= {"z": {"b01": near(0.5)}} | {other: {} for other in full}
        lists = cache(entries)
        articles, others, found = score_reverse_pairs(
            lists,
            lists.numbers(["hub", "hub", "a"]),
            lists.numbers(["a", "z", "hub"]),
            JUDGE,
            STATISTICS.narrowness,
        )
        assert (lists.ids_of(articles), lists.ids_of(others)) == (["hub"], ["a"])
        chances = float(found.related[0]), float(found.event[0])
        assert chances == pytest.approx(judge_alone(lists, "a", "hub"), abs=1.1e-4)

    def test_of_no_articles_are_none(self):
        lists = NeighbourListCache()
        nobody = np.zeros(0, np.int32)
        assert score_listed_pairs(lists, nobody, JUDGE, 0.4).related.shape == (0, BEST)
        assert score_reverse_pairs(lists, nobody, nobody, JUDGE, 0.4)[2].event.size == 0


class TestCache:
    def test_a_list_that_is_loaded_again_replaces_the_old_one(self):
        lists = cache({"a": {"b": near(0.7), "c": near(0.6)}, "b": {}, "c": {}})
        lists.add({"a": NeighbourList.from_entries(2, {"c": near(0.5)})})
        assert lists.neighbours_of(lists.numbers(["a"])) == ["c"]
        assert lists.stamp("a") == 2
