"""Stories from links: a cluster is worth the links inside it, less the cost of its size."""

import random
from collections.abc import Iterator
from itertools import combinations, permutations

import pytest

from services.enrichment.related.neighbours.neighbour_lists import BEST
from services.enrichment.related.stories.overrides import OverrideConstraints
from services.enrichment.related.stories.size_cost import SizeCost
from tests.unit.related.stories.article_clustering import cluster_articles

COST = SizeCost(close=0.40, few=5, loose=0.013)

Links = dict[str, dict[str, float]]
Clusters = set[frozenset[str]]


def build_links(*pairs: tuple[str, str, float], alone: str = "") -> Links:
    links: Links = {name: {} for name in alone}
    for a, b, score in pairs:
        links.setdefault(a, {})[b] = score
        links.setdefault(b, {})[a] = score
    return links


def cluster_names(links: Links, cost: SizeCost = COST) -> set[str]:
    return {"".join(sorted(cluster)) for cluster in cluster_articles(links, cost)}


def link_all(names: str, score: float) -> list[tuple[str, str, float]]:
    return [(a, b, score) for a, b in combinations(sorted(names), 2)]


def test_two_articles_join_if_their_link_outweighs_the_cost():
    assert cluster_names(build_links(("a", "b", 0.41))) == {"ab"}
    assert cluster_names(build_links(("a", "b", 0.39))) == {"a", "b"}


def test_an_article_without_links_is_alone():
    assert cluster_names(build_links(("a", "b", 0.8), alone="c")) == {"ab", "c"}
    assert cluster_articles({}, COST) == []


def test_a_chain_is_cut_where_it_is_weakest():
    chain = build_links(("a", "b", 0.9), ("b", "c", 0.5), ("c", "d", 0.9))
    assert cluster_names(chain) == {"ab", "cd"}


def test_a_close_group_takes_in_an_article_that_is_linked_to_nearly_all():
    group = link_all("abc", 0.7)
    assert cluster_names(build_links(*group, ("a", "d", 0.65), ("b", "d", 0.65))) == {"abcd"}
    assert cluster_names(build_links(*group, ("a", "d", 0.6))) == {"abc", "d"}


def test_a_story_of_any_size_takes_in_an_article_that_knows_as_many_as_a_list_holds():
    cost = SizeCost()
    newcomer = [cost.of_cluster(size + 1) - cost.of_cluster(size) for size in (300, 420, 2000)]
    assert newcomer[0] < newcomer[1] == pytest.approx(newcomer[2])
    assert newcomer[2] < BEST / 2


def test_a_story_of_thousands_whose_articles_know_their_neighbours_alone_is_one():
    chance = random.Random(1)
    names = [f"m{number:04}" for number in range(1200)]
    nearest = []
    for place, name in enumerate(names):
        around = names[max(0, place - 300) : place]
        nearest += [(name, other, 0.9) for other in chance.sample(around, min(20, len(around)))]
    (story,) = cluster_articles(build_links(*nearest), SizeCost())
    assert len(story) == len(names)
    grown = SizeCost(most=10_000)
    assert len(cluster_articles(build_links(*nearest), grown)) > 1


def test_in_a_large_story_links_to_some_are_enough():
    chance = random.Random(1)
    names = [f"m{number:02}" for number in range(40)]
    some = [(a, b, 0.6) for a in names for b in chance.sample(names, 8) if a != b]
    (story,) = cluster_articles(build_links(*some), COST)
    assert len(story) == 40


def test_links_to_articles_that_are_no_keys_are_ignored():
    assert cluster_names({"a": {"b": 0.8, "elsewhere": 0.9}, "b": {"a": 0.8}}) == {"ab"}


def test_neither_the_order_of_articles_nor_of_links_matters():
    chance = random.Random(3)
    names = [f"a{number}" for number in range(60)]
    pairs: list[tuple[str, str, float]] = []
    for a in names:
        for b in chance.sample(names, 3):
            if a < b:
                pairs.append((a, b, round(chance.uniform(0.25, 0.9), 3)))
    first = cluster_articles(build_links(*pairs), COST)
    for _ in range(5):
        chance.shuffle(pairs)
        turned = [
            (b, a, score) if chance.random() < 0.5 else (a, b, score) for a, b, score in pairs
        ]
        assert set(cluster_articles(build_links(*turned), COST)) == set(first)


def test_the_cost_of_a_story_grows_with_its_size():
    cost = SizeCost(close=0.4, few=2, loose=0.1)
    costs = [round(cost.of_cluster(size), 6) for size in range(6)]
    assert costs == [0, 0, 0.4, 1.2, 2.1, 3.1]


def test_two_halves_of_a_story_become_one_though_no_article_would_move_alone():
    first, second = "abcdef", "uvwxyz"
    inside = link_all(first, 0.9) + link_all(second, 0.9)
    across = [(a, b, 0.3) for a in first for b in second]
    assert cluster_names(build_links(*inside, *across)) == {"abcdefuvwxyz"}


def test_stories_are_found_among_random_links():
    chance = random.Random(5)
    names = [f"{story}{number:02}" for number in range(12) for story in "abcde"]
    chance.shuffle(names)
    pairs = [(a, b) for a in names for b in names if a < b]
    strong = [(a, b, 0.7) for a, b in pairs if a[0] == b[0] and chance.random() < 0.9]
    weak = [(a, b, 0.3) for a, b in pairs if a[0] != b[0] and chance.random() < 0.1]
    found = cluster_articles(build_links(*strong, *weak), COST)
    assert sorted(len(story) for story in found) == [12] * 5
    for story in found:
        assert len({name[0] for name in story}) == 1


def test_merging_whole_clusters_does_not_bring_blocked_articles_together():
    links = build_links(*link_all("abcd", 0.9), ("d", "e", 0.9))
    blocks = OverrideConstraints(cannot_link=frozenset({("a", "e"), ("b", "c")}))
    for story in cluster_articles(links, COST, blocks):
        assert not {"a", "e"} <= story
        assert not {"b", "c"} <= story


def build_overlapping_links(seed: int) -> Links:
    """Links of 48 articles, each near to those around it: stories run into each other."""
    chance = random.Random(seed)
    candidates = [(a, b) for a, b in combinations(range(48), 2) if b - a < 12]
    near = [(a, b) for a, b in candidates if chance.random() < 0.6]
    return build_links(*((f"{a:02}", f"{b:02}", chance.uniform(0.1, 0.9)) for a, b in near))


def worth(clusters: Clusters, links: Links) -> float:
    inside = 0.0
    for cluster in clusters:
        for article in cluster:
            inside += sum(score for other, score in links[article].items() if other in cluster)
    return inside / 2 - sum(COST.of_cluster(len(cluster)) for cluster in clusters)


def merge_any_two(clusters: Clusters) -> Iterator[Clusters]:
    for a, b in combinations(clusters, 2):
        yield clusters - {a, b} | {a | b}


def move_any_article(clusters: Clusters) -> Iterator[Clusters]:
    for source, target in permutations([*clusters, frozenset()], 2):
        for article in source:
            yield clusters - {source, target} | {source - {article}, target | {article}}


@pytest.mark.parametrize("seed", [*range(10), 79, 114])  # the last two need clusters of clusters
def test_no_two_stories_would_be_worth_more_as_one(seed: int):
    links = build_overlapping_links(seed)
    found = {*cluster_articles(links, COST)}
    limit = worth(found, links) + 1e-6
    assert all(worth(merged, links) < limit for merged in merge_any_two(found))


def test_hardly_an_article_would_be_worth_more_elsewhere():
    """One may be: an article is not visited again when others join or leave its story."""
    improvable = 0
    for seed in range(20):
        links = build_overlapping_links(seed)
        found = {*cluster_articles(links, COST)}
        limit = worth(found, links) + 1e-6
        improvable += any(worth(moved, links) > limit for moved in move_any_article(found))
    assert improvable <= 1
