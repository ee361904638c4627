"""Merging entries into a neighbour list gives what sorting everything again gives."""

import random
from collections.abc import Mapping

import pytest

from services.enrichment.related.neighbours.neighbour_lists import BEST, SLACK, merge_entries
from shared.store import Neighbour, NeighbourList

Entries = dict[str, Neighbour | None]


def merge_by_sorting(before: Mapping[str, Neighbour], entries: Entries) -> dict[str, Neighbour]:
    """The definition: sort everything, and after the best keep only what was in the list before."""
    merged = {name: near for name, near in {**before, **entries}.items() if near is not None}
    order = sorted(merged, key=lambda name: (-merged[name].score, name))
    rest = [name for name in order[BEST:] if name in before][:SLACK]
    return {name: merged[name] for name in [*order[:BEST], *rest]}


def concerns_best(
    before: Mapping[str, Neighbour], after: Mapping[str, Neighbour], entries: Entries
) -> bool:
    best = {*[*before][:BEST], *[*after][:BEST]}
    return not best.isdisjoint(entries)


def choose_entries(chance: random.Random, names: list[str], most: int) -> Entries:
    """With few different scores, so that many are equal, and with some that are dropped."""
    entries: Entries = {}
    for name in chance.sample(names, chance.randint(0, most)):
        odd = round(chance.uniform(-4, 4), 4)
        score = chance.choice([None, -3.0, -1.5, 0.0, 0.0, 2.5, odd])
        evidence = chance.choice([b"a", b"b"])
        entries[name] = None if score is None else Neighbour(score, evidence)
    return entries


@pytest.mark.parametrize("seed", range(20))
def test_merging_is_sorting_again(seed: int):
    chance = random.Random(seed)
    names = [f"b{number}" for number in range(chance.choice([10, 60, 300]))]
    neighbours = NeighbourList(7)
    for _ in range(60):
        entries = choose_entries(chance, names, chance.choice([1, 3, 10]))
        before = neighbours.entries
        after, matters = merge_entries(neighbours, entries)
        expected = merge_by_sorting(before, entries)
        assert after.entries == expected
        assert [*after.others] == [*expected]
        assert (after is neighbours) is (expected == before)
        assert matters is concerns_best(before, expected, entries)
        assert after.stamp == 7
        neighbours = after


def test_an_empty_list_takes_the_entries_best_first():
    merged = merge_entries(NeighbourList(), {"b": Neighbour(0.5, b"x"), "c": Neighbour(0.7, b"y")})
    assert merged == (NeighbourList(0, ["c", "b"], [0.7, 0.5], [b"y", b"x"]), True)


@pytest.mark.parametrize("entries", [{}, {"f": None}])
def test_nothing_to_change_gives_the_list_itself(entries: Entries):
    before = NeighbourList()
    after, matters = merge_entries(before, entries)
    assert after is before
    assert matters is False
