"""Editors' overrides: which of them hold, and that stories are clustered by them."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

from services.enrichment.related.stories.overrides import (
    OverrideConstraints,
    resolve_overrides,
    sort_latest_first,
)
from services.enrichment.related.stories.size_cost import SizeCost
from shared.store import Override
from tests.unit.related.stories.article_clustering import cluster_articles

T0 = datetime(2026, 3, 2, tzinfo=UTC)


def override(kind, first_ids, second_ids, minute=0):
    at = T0 + timedelta(minutes=minute)
    return Override(kind, tuple(first_ids), tuple(second_ids), "ann", at)


def resolve(*overrides: Override) -> OverrideConstraints:
    return resolve_overrides(sort_latest_first(overrides))


class TestConstraints:
    def test_without_overrides_there_are_none(self):
        assert resolve() == OverrideConstraints()

    def test_pins_and_merges_put_articles_in_one_group(self):
        found = resolve(override("pin", "a", "b"), override("merge", "b", "cd"))
        assert found.must_link == {("a", "b"), ("b", "c"), ("b", "d")}
        assert found.group_of == dict.fromkeys("abcd", "a")
        assert found.find_partners(["a"]) == {"a", "b"}

    def test_a_split_keeps_each_article_from_each(self):
        found = resolve(override("split", "ab", "cd"))
        assert found.cannot_link == {("a", "c"), ("a", "d"), ("b", "c"), ("b", "d")}

    def test_of_two_overrides_of_one_pair_the_later_holds(self):
        found = resolve(override("pin", "a", "b", 1), override("block", "a", "b", 2))
        assert found == OverrideConstraints(cannot_link=frozenset({("a", "b")}))
        found = resolve(override("block", "a", "b", 1), override("pin", "a", "b", 2))
        assert found.must_link == {("a", "b")}

    def test_an_override_that_contradicts_later_ones_through_a_third_is_dropped(self):
        found = resolve(
            override("pin", "a", "b", 1),
            override("pin", "b", "c", 2),
            override("block", "a", "c", 3),
        )
        assert (found.must_link, found.cannot_link) == ({("b", "c")}, {("a", "c")})

    def test_a_block_of_two_articles_that_later_pins_tie_together_is_dropped(self):
        found = resolve(
            override("block", "a", "c", 1),
            override("pin", "a", "b", 2),
            override("pin", "b", "c", 3),
        )
        assert (found.must_link, found.cannot_link) == ({("a", "b"), ("b", "c")}, frozenset())


LINKS = {"a": {"b": 0.9}, "b": {"a": 0.9}, "c": {"d": 0.9}, "d": {"c": 0.9}, "e": {}}


def link_all(names: str) -> dict[str, dict[str, float]]:
    links: dict[str, dict[str, float]] = {name: {} for name in names}
    for a, b in permutations(names, 2):
        links[a][b] = 0.9
    return links


def cluster(*overrides: Override, links=LINKS) -> set[frozenset[str]]:
    return set(cluster_articles(links, SizeCost(), resolve(*overrides)))


def stories(*names: str) -> set[frozenset[str]]:
    return {frozenset(name) for name in names}


def are_together(names: str, found: set[frozenset[str]]) -> bool:
    return any(set(names) <= story for story in found)


class TestClustering:
    def test_without_overrides_links_alone_decide(self):
        assert cluster() == stories("ab", "cd", "e")

    def test_pinned_articles_share_a_story_and_bring_the_rest_of_theirs(self):
        assert cluster(override("pin", "a", "e")) == stories("abe", "cd")
        assert cluster(override("pin", "b", "c")) == stories("abcd", "e")

    def test_blocked_articles_are_in_different_stories(self):
        assert cluster(override("block", "a", "b")) == stories("a", "b", "cd", "e")

    def test_a_third_article_goes_with_one_of_two_blocked_ones(self):
        found = cluster(override("block", "a", "b"), links=link_all("abc"))
        assert sorted(map(len, found)) == [1, 2]
        assert not are_together("ab", found)

    def test_whole_clusters_do_not_merge_across_a_block(self):
        found = cluster(override("block", "a", "f"), links=link_all("abcdef"))
        assert not are_together("af", found)

    def test_a_pinned_article_leaves_those_behind_that_are_blocked_from_its_new_story(self):
        found = cluster(override("block", "a", "d"), override("pin", "b", "c"))
        assert are_together("bc", found)
        assert not are_together("ad", found)
        assert sorted(map(len, found)) == [1, 1, 3]

    def test_overrides_of_articles_elsewhere_change_nothing(self):
        found = cluster(override("pin", "a", "z"), override("block", "y", "z"))
        assert found == stories("ab", "cd", "e")
