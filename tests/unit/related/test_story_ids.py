"""Which story goes on as which."""

from datetime import UTC, datetime

from services.enrichment.related.stories.story_ids import succeed
from shared.store import Story

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def groups(*names: str) -> list[frozenset[str]]:
    return [frozenset(name) for name in names]


def story(story_id: str, members: str, version: int = 1) -> Story:
    return Story(story_id, version, tuple(members), NOW)


def test_new_articles_found_a_story_named_after_the_first():
    found = succeed(groups("ba", "c"), {}, {})
    assert found == {"a": "sa", "b": "sa", "c": "sc"}


def test_an_article_that_joins_changes_no_name():
    found = succeed(groups("abz"), {"b": "sb", "z": "sb"}, {})
    assert set(found.values()) == {"sb"}


def test_in_a_merger_the_story_with_more_articles_goes_on():
    found = succeed(groups("abcde"), {"a": "sa", "b": "sa", "c": "sc", "d": "sc", "e": "sc"}, {})
    assert set(found.values()) == {"sc"}


def test_of_two_as_large_the_one_that_went_through_more_goes_on():
    standing = {"a": "sa", "b": "sa", "c": "sc", "d": "sc"}
    known = {"sa": story("sa", "ab"), "sc": story("sc", "cd", version=4)}
    assert set(succeed(groups("abcd"), standing, known).values()) == {"sc"}


def test_in_a_split_the_larger_part_keeps_the_name():
    found = succeed(groups("ab", "cde"), dict.fromkeys("abcde", "sa"), {})
    assert found == {"a": "sa-2", "b": "sa-2", "c": "sa", "d": "sa", "e": "sa"}


def test_a_name_is_never_used_again():
    found = succeed(groups("ab"), {}, {"sa": story("sa", ""), "sa-2": story("sa-2", "")})
    assert set(found.values()) == {"sa-3"}
