"""No article stays in a larger story whose centre it is far from."""

import numpy as np

from services.enrichment.related.features.arrays import Float32Array
from services.enrichment.related.stories.centre_guard import (
    Directions,
    cluster_around_centres,
    find_strangers,
)
from services.enrichment.related.stories.overrides import OverrideConstraints
from services.enrichment.related.stories.size_cost import SizeCost

COST = SizeCost(close=0.1, few=5, loose=0.01)
NAMES = "abcdefgh"


def point(*components: float) -> Float32Array:
    return np.array(components, np.float32)


EAST, NORTH = point(1, 0), point(-0.1, 1)


def cluster(
    directions: Directions, constraints: OverrideConstraints | None = None
) -> set[frozenset[str]]:
    """Cluster articles that are all linked to each other."""
    blocks = [frozenset([name]) for name in sorted(directions)]
    graph: list[dict[int, float]] = []
    for number in range(len(blocks)):
        graph.append({other: 1.0 for other in range(len(blocks)) if other != number})
    found = cluster_around_centres(
        blocks, graph, COST, constraints or OverrideConstraints(), directions
    )
    assert sorted(article for story in found for article in story) == sorted(directions)
    return set(found)


def test_who_is_far_from_the_others_leaves():
    directions = {**dict.fromkeys("abcd", EAST), "e": point(-1, 0.1)}
    assert cluster(directions) == {frozenset("abcd"), frozenset("e")}


def test_those_who_leave_are_clustered_among_themselves():
    directions = {**dict.fromkeys("abcdef", EAST), **dict.fromkeys("gh", NORTH)}
    assert cluster(directions) == {frozenset("abcdef"), frozenset("gh")}


def test_a_small_story_needs_no_centre():
    directions = {"a": EAST, "b": NORTH, "c": point(-1, 0)}
    assert cluster(directions) == {frozenset("abc")}


def test_an_article_without_a_direction_stays():
    assert find_strangers("abcdz", dict.fromkeys("abcd", EAST)) == set()


def test_articles_that_an_override_links_stay():
    constraints = OverrideConstraints(
        must_link=frozenset({("a", "e")}), group_of={"a": "a", "e": "a"}
    )
    directions = {**dict.fromkeys("abcd", EAST), "e": point(-1, 0.1)}
    assert cluster(directions, constraints) == {frozenset("abcde")}


def test_if_all_are_strangers_each_is_alone():
    spread = [point(np.cos(angle), np.sin(angle)) for angle in np.arange(4) * np.pi / 2]
    directions = dict(zip("abcd", spread, strict=True))
    assert cluster(directions) == {frozenset(name) for name in "abcd"}
