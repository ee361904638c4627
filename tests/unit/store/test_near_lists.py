"""Near lists that are amended as they are kept come to what sorting everything anew comes to."""

import random

import pytest

from shared.store.ports.relations import BEST, SLACK, NearList, amended

Entries = dict[str, float | None]


def plainly(before: dict[str, float], entries: Entries) -> dict[str, float]:
    """The formula: all there is in order, of what comes after the best only what stood before."""
    scores = {one: score for one, score in {**before, **entries}.items() if score is not None}
    order = sorted(scores, key=lambda one: (-scores[one], one))
    rest = [one for one in order[BEST:] if one in before][:SLACK]
    return {one: scores[one] for one in [*order[:BEST], *rest]}


def felt(before: dict[str, float], after: dict[str, float], entries: Entries) -> bool:
    return not entries.keys().isdisjoint([*before][:BEST] + [*after][:BEST])


def some_entries(chance: random.Random, names: list[str], most: int) -> Entries:
    """With few different scores, so that many are equal, and some that go."""
    chosen = chance.sample(names, chance.randint(0, most))
    return {
        one: chance.choice([None, 0.2, 0.25, 0.3, 0.3, 0.5, round(chance.uniform(0.2, 1), 4)])
        for one in chosen
    }


@pytest.mark.parametrize("seed", range(20))
def test_amending_is_sorting_anew(seed: int):
    chance = random.Random(seed)
    names = [f"b{number}" for number in range(chance.choice([10, 60, 300]))]
    lists = {"a": NearList()}
    for _ in range(60):
        entries = some_entries(chance, names, chance.choice([1, 3, 10]))
        before = lists["a"].entries
        after, whose = amended(lists, {"a": entries})
        expected = plainly(before, entries)
        assert after.get("a", lists["a"]).entries == expected
        assert [*after.get("a", lists["a"]).others] == [*expected]
        assert ("a" in after) is (expected != before)
        assert whose == ({"a"} if felt(before, expected, entries) else set())
        lists |= after


def test_a_list_that_was_never_made_is_an_empty_one():
    after, whose = amended({}, {"a": {"b": 0.5, "c": 0.7}, "d": {}, "e": {"f": None}})
    assert after == {"a": NearList(0, ["c", "b"], [0.7, 0.5])}
    assert whose == {"a"}
