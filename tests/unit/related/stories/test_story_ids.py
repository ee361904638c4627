"""Which story a cluster continues."""

from datetime import UTC, datetime

from services.enrichment.related.stories.story_ids import assign_story_ids
from shared.store import Story

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def clusters(*names: str) -> list[frozenset[str]]:
    return [frozenset(name) for name in names]


def story(story_id: str, members: str, version: int = 1) -> Story:
    return Story(story_id, version, tuple(members), NOW)


def test_a_new_story_is_named_after_its_first_article():
    assigned = assign_story_ids(clusters("ba", "c"), {}, {})
    assert assigned == {"a": "sa", "b": "sa", "c": "sc"}


def test_an_article_that_joins_changes_no_id():
    assigned = assign_story_ids(clusters("abz"), {"b": "sb", "z": "sb"}, {})
    assert set(assigned.values()) == {"sb"}


def test_a_merged_cluster_continues_the_story_with_more_articles():
    current = {"a": "sa", "b": "sa", "c": "sc", "d": "sc", "e": "sc"}
    assigned = assign_story_ids(clusters("abcde"), current, {})
    assert set(assigned.values()) == {"sc"}


def test_of_two_equally_large_stories_the_one_with_more_versions_continues():
    current = {"a": "sa", "b": "sa", "c": "sc", "d": "sc"}
    known = {"sa": story("sa", "ab"), "sc": story("sc", "cd", version=4)}
    assert set(assign_story_ids(clusters("abcd"), current, known).values()) == {"sc"}


def test_after_a_split_the_larger_part_keeps_the_id():
    assigned = assign_story_ids(clusters("ab", "cde"), dict.fromkeys("abcde", "sa"), {})
    assert assigned == {"a": "sa-2", "b": "sa-2", "c": "sa", "d": "sa", "e": "sa"}


def test_an_id_is_never_used_again():
    known = {"sa": story("sa", ""), "sa-2": story("sa-2", "")}
    assigned = assign_story_ids(clusters("ab"), {}, known)
    assert set(assigned.values()) == {"sa-3"}
