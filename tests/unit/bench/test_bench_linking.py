"""What the benchmark of linking computes itself, beside what it compares."""

from collections import Counter

from tests.bench.linking.pairs import predict
from tests.bench.linking.streams import Row, thin_out


def build_rows(*stories: str) -> list[Row]:
    return [
        {"id": f"a{number}", "story": story, "ts": number} for number, story in enumerate(stories)
    ]


def test_thinned_stories_have_their_first_one_to_six_articles_the_same_every_time():
    thick = build_rows(*(f"s{number % 40}" for number in range(400)))
    thin = thin_out(thick)
    sizes = Counter(row["story"] for row in thin)
    assert set(sizes.values()) == {1, 2, 3, 4, 5, 6}
    assert thin_out(thick) == thin
    first = [row for row in thick if row["story"] == "s7"][: sizes["s7"]]
    assert [row for row in thin if row["story"] == "s7"] == first


def test_articles_are_related_from_the_threshold_on_and_join_a_story_by_the_mean_of_three():
    near = [[(1, 0.5), (2, 0.1)], [(0, 0.5)], [(0, 0.1)], [(0, 0.9), (1, 0.3), (2, 0.5)]]
    predictions = predict(build_rows("x", "x", "y", "z"), near, related_from=0.4, story_from=0.6)
    related = [prediction["related"] for prediction in predictions]
    assert related == [["a1"], ["a0"], [], ["a0", "a2"]]
    assert [prediction["story"] for prediction in predictions] == ["0", "1", "2", "0"]
