"""Which story goes on as which."""

from datetime import UTC, datetime

from services.enrichment.related.succession import faces, succeed
from shared.store import Story

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def groups(*names: str) -> list[frozenset[str]]:
    return [frozenset(name) for name in names]


def story(story_id: str, members: str, version: int = 1) -> Story:
    return Story(story_id, version, tuple(members), NOW)


def test_new_articles_found_a_story_named_after_the_first():
    found = succeed(groups("ba", "c"), {}, {})
    assert found.story == {"a": "sa", "b": "sa", "c": "sc"}
    assert found.heirs == {}


def test_an_article_that_joins_changes_no_name():
    found = succeed(groups("abz"), {"b": "sb", "z": "sb"}, {})
    assert set(found.story.values()) == {"sb"}


def test_in_a_merger_the_story_with_more_articles_goes_on():
    found = succeed(groups("abcde"), {"a": "sa", "b": "sa", "c": "sc", "d": "sc", "e": "sc"}, {})
    assert set(found.story.values()) == {"sc"}
    assert found.heirs == {"sa": "sc"}


def test_of_two_as_large_the_one_that_went_through_more_goes_on():
    standing = {"a": "sa", "b": "sa", "c": "sc", "d": "sc"}
    known = {"sa": story("sa", "ab"), "sc": story("sc", "cd", version=4)}
    assert set(succeed(groups("abcd"), standing, known).story.values()) == {"sc"}


def test_in_a_split_the_larger_part_keeps_the_name():
    found = succeed(groups("ab", "cde"), dict.fromkeys("abcde", "sa"), {})
    assert found.story == {"a": "sa-2", "b": "sa-2", "c": "sa", "d": "sa", "e": "sa"}
    assert found.heirs == {}


def test_a_story_that_comes_apart_is_followed_by_what_most_of_it_went_to():
    standing = dict.fromkeys("abc", "sx") | dict.fromkeys("defg", "sd") | dict.fromkeys("hijkl", "sh")
    found = succeed(groups("adefg", "bchijkl"), standing, {})
    assert found.heirs == {"sx": "sh"}


def test_a_name_is_never_used_again():
    found = succeed(groups("ab"), {}, {"sa": story("sa", ""), "sa-2": story("sa-2", "")})
    assert set(found.story.values()) == {"sa-3"}


def test_faces_are_written_for_what_changed_alone():
    standing = {"a": "sa", "b": "sa", "c": "sc", "d": "sc", "x": "sx"}
    known = {"sa": story("sa", "ab", 3), "sc": story("sc", "cd", 5)}
    found = succeed(groups("abcd", "x", "yz"), standing, known)
    assert faces(found, known, NOW) == [
        Story("sc", 6, ("a", "b", "c", "d"), NOW),
        Story("sy", 1, ("y", "z"), NOW),
        Story("sa", 4, (), NOW, "sc"),
    ]
    assert faces(succeed(groups("ab"), {"a": "sa", "b": "sa"}, known), known, NOW) == []
