"""Stories from links: worth what holds them together, less what their size costs."""

import random
from collections.abc import Iterator
from itertools import combinations, permutations

import pytest

from services.enrichment.related.stories.clustering import Cost, assemble
from services.enrichment.related.stories.overrides import Orders

COST = Cost(close=0.40, few=5, loose=0.013)

Links = dict[str, dict[str, float]]
Groups = set[frozenset[str]]


def linked(*pairs: tuple[str, str, float], alone: str = "") -> Links:
    graph: Links = {name: {} for name in alone}
    for a, b, score in pairs:
        graph.setdefault(a, {})[b] = score
        graph.setdefault(b, {})[a] = score
    return graph


def stories(graph, cost=COST):
    return {"".join(sorted(story)) for story in assemble(graph, cost)}


def test_two_articles_join_if_their_link_outweighs_the_cost():
    assert stories(linked(("a", "b", 0.41))) == {"ab"}
    assert stories(linked(("a", "b", 0.39))) == {"a", "b"}


def test_an_article_without_links_is_alone():
    assert stories(linked(("a", "b", 0.8), alone="c")) == {"ab", "c"}
    assert assemble({}, COST) == []


def test_a_chain_is_cut_where_it_is_weakest():
    chain = linked(("a", "b", 0.9), ("b", "c", 0.5), ("c", "d", 0.9))
    assert stories(chain) == {"ab", "cd"}


def test_a_close_group_takes_in_who_is_linked_to_nearly_all():
    group = [("a", "b", 0.7), ("a", "c", 0.7), ("b", "c", 0.7)]
    assert stories(linked(*group, ("a", "d", 0.65), ("b", "d", 0.65))) == {"abcd"}
    assert stories(linked(*group, ("a", "d", 0.6))) == {"abc", "d"}


def test_in_a_large_story_links_to_some_are_enough():
    chance = random.Random(1)
    names = [f"m{number:02}" for number in range(40)]
    some = [(a, b, 0.6) for a in names for b in chance.sample(names, 8) if a != b]
    (story,) = assemble(linked(*some), COST)
    assert len(story) == 40


def test_links_to_articles_that_are_not_looked_at_are_passed_over():
    assert stories({"a": {"b": 0.8, "elsewhere": 0.9}, "b": {"a": 0.8}}) == {"ab"}


def test_neither_the_order_of_articles_nor_of_links_matters():
    chance = random.Random(3)
    names = [f"a{number}" for number in range(60)]
    pairs = [
        (a, b, round(chance.uniform(0.25, 0.9), 3))
        for a in names
        for b in chance.sample(names, 3)
        if a < b
    ]
    first = assemble(linked(*pairs), COST)
    for _ in range(5):
        chance.shuffle(pairs)
        graph = linked(
            *((b, a, score) if chance.random() < 0.5 else (a, b, score) for a, b, score in pairs)
        )
        assert set(assemble(graph, COST)) == set(first)


def test_the_cost_of_a_story_grows_with_its_size():
    cost = Cost(close=0.4, few=2, loose=0.1)
    assert [round(cost.of(size), 6) for size in range(6)] == [0, 0, 0.4, 1.2, 2.1, 3.1]


def test_two_halves_of_a_story_become_one_though_no_article_would_move_alone():
    halves = ["abcdef", "uvwxyz"]
    inside = [(one, other, 0.9) for half in halves for one in half for other in half if one < other]
    across = [(one, other, 0.3) for one in halves[0] for other in halves[1]]
    assert stories(linked(*inside, *across)) == {"abcdefuvwxyz"}


def test_stories_are_found_among_links_of_chance():
    chance = random.Random(5)
    names = [f"{story}{number:02}" for number in range(12) for story in "abcde"]
    chance.shuffle(names)
    pairs = [(a, b) for a in names for b in names if a < b]
    strong = [(a, b, 0.7) for a, b in pairs if a[0] == b[0] and chance.random() < 0.9]
    weak = [(a, b, 0.3) for a, b in pairs if a[0] != b[0] and chance.random() < 0.1]
    found = assemble(linked(*strong, *weak), COST)
    assert sorted(len(story) for story in found) == [12] * 5
    assert all(len({name[0] for name in story}) == 1 for story in found)


def test_articles_kept_apart_are_not_brought_together_by_their_groups():
    pairs = [(one, other, 0.9) for one in "abcd" for other in "abcd" if one < other]
    found = assemble(
        linked(*pairs, ("d", "e", 0.9)), COST, Orders(apart=frozenset({("a", "e"), ("b", "c")}))
    )
    assert not any({"a", "e"} <= story or {"b", "c"} <= story for story in found)


def some_links(seed: int) -> Links:
    """Of 48 articles, each near to those around it: stories run into each other."""
    chance = random.Random(seed)
    near = [(a, b) for a, b in combinations(range(48), 2) if b - a < 12 and chance.random() < 0.6]
    return linked(*((f"{a:02}", f"{b:02}", chance.uniform(0.1, 0.9)) for a, b in near))


def worth(groups: Groups, links: Links) -> float:
    inside = sum(
        score
        for group in groups
        for one in group
        for other, score in links[one].items()
        if other in group
    )
    return inside / 2 - sum(COST.of(len(group)) for group in groups)


def with_two_as_one(groups: Groups) -> Iterator[Groups]:
    yield from (groups - {one, other} | {one | other} for one, other in combinations(groups, 2))


def with_one_elsewhere(groups: Groups) -> Iterator[Groups]:
    for home, there in permutations([*groups, frozenset()], 2):
        yield from (groups - {home, there} | {home - {one}, there | {one}} for one in home)


@pytest.mark.parametrize(
    "seed", [*range(10), 79, 114]
)  # in the last two groups of groups must move
def test_no_two_stories_would_be_worth_more_as_one(seed: int):
    links = some_links(seed)
    found = {*assemble(links, COST)}
    assert all(worth(other, links) < worth(found, links) + 1e-6 for other in with_two_as_one(found))


def test_hardly_an_article_would_be_worth_more_elsewhere():
    """One may be left: nobody is looked at again because others came to a story or left it."""
    better = 0
    for seed in range(20):
        links = some_links(seed)
        found = {*assemble(links, COST)}
        better += any(
            worth(other, links) > worth(found, links) + 1e-6 for other in with_one_elsewhere(found)
        )
    assert better <= 1
