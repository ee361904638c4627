"""A large story is parted where a newer half says something else, days later."""

import numpy as np

from services.enrichment.related.features.arrays import Float32Array
from services.enrichment.related.stories.waves import part_in_two, split_waves

OLD = [f"old{number}" for number in range(8)]
NEW = [f"new{number}" for number in range(8)]
STORY = frozenset([*OLD, *NEW])


def directions(spread: float = 0.05) -> dict[str, Float32Array]:
    """Texts of two kinds that are alike, each with a little of its own."""
    found: dict[str, Float32Array] = {}
    for kind, names in enumerate((OLD, NEW)):
        for number, name in enumerate(names):
            row = np.zeros(20, np.float32)
            row[0], row[1 + kind], row[3 + number] = 1, 0.5, spread
            found[name] = row / np.linalg.norm(row)
    return found


def days(gap: float) -> dict[str, float]:
    """Both kinds came out over half a day, *gap* days apart."""
    old = {name: number / 16 for number, name in enumerate(OLD)}
    return old | {name: gap + number / 16 for number, name in enumerate(NEW)}


def test_a_newer_half_that_says_something_else_is_another_story():
    waves = split_waves([STORY], STORY, directions(), days(gap=2))
    assert set(waves) == {frozenset(OLD), frozenset(NEW)}


def test_what_is_said_at_once_in_two_ways_stays_one_story():
    assert split_waves([STORY], STORY, directions(), days(gap=0.2)) == [STORY]


def test_a_story_that_says_the_same_for_days_stays_one_story():
    times = {name: number / 2 for number, name in enumerate(sorted(STORY, key=lambda n: n[::-1]))}
    assert split_waves([STORY], STORY, directions(), times) == [STORY]


def test_a_small_story_stays_whole():
    story = frozenset([*OLD[:5], *NEW[:5]])
    assert split_waves([story], story, directions(), days(gap=2)) == [story]


def test_a_story_with_an_article_that_is_not_free_stays_whole():
    assert split_waves([STORY], STORY - {"old0"}, directions(), days(gap=2)) == [STORY]


def test_a_member_without_a_direction_stays_in_one_of_the_waves():
    story = STORY | {"blank"}
    waves = split_waves([story], story, directions(), days(gap=2) | {"blank": 1.0})
    assert len(waves) == 2
    assert frozenset[str]().union(*waves) == story


def test_the_order_of_stories_and_members_does_not_matter():
    rows = np.stack([*directions().values()]).astype(np.float64)
    order = np.random.default_rng(1).permutation(len(rows))
    parted, shuffled = part_in_two(rows), part_in_two(rows[order])
    assert np.array_equal(parted[order], shuffled) or np.array_equal(~parted[order], shuffled)


def test_rows_that_are_all_alike_have_one_part():
    assert not part_in_two(np.ones((5, 3))).any()
