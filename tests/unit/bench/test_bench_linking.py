"""What the benchmark of linking does by itself, beside what it compares."""

from collections import Counter

from tests.bench.linking.pairs import predictions
from tests.bench.linking.streams import Row, thinned


def rows(*stories: str) -> list[Row]:
    return [
        {"id": f"a{number}", "story": story, "ts": number} for number, story in enumerate(stories)
    ]


def test_thin_stories_have_one_to_six_articles_the_first_ones_and_the_same_every_time():
    thick = rows(*(f"s{number % 40}" for number in range(400)))
    thin = thinned(thick)
    sizes = Counter(row["story"] for row in thin)
    assert set(sizes.values()) == {1, 2, 3, 4, 5, 6}
    assert thinned(thick) == thin
    assert [row for row in thin if row["story"] == "s7"] == [
        row for row in thick if row["story"] == "s7"
    ][: sizes["s7"]]


def test_related_are_those_from_the_bar_on_and_a_story_is_joined_by_the_mean_of_three():
    near = [[(1, 0.5), (2, 0.1)], [(0, 0.5)], [(0, 0.1)], [(0, 0.9), (1, 0.3), (2, 0.5)]]
    found = predictions(rows("x", "x", "y", "z"), near, related=0.4, story=0.6)
    assert [one["related"] for one in found] == [["a1"], ["a0"], [], ["a0", "a2"]]
    assert [one["story"] for one in found] == ["0", "1", "2", "0"]
