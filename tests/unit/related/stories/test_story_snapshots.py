"""Snapshots of stories follow where their articles are."""

from datetime import UTC, datetime

from services.enrichment.related.stories.story_snapshots import build_next_snapshots, find_moved
from shared.store import Story

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def story(members: str, version: int = 1, story_id: str = "s1", **fields) -> Story:
    return Story(story_id, version, tuple(members), NOW, **fields)


def test_two_articles_make_a_story_and_one_does_not():
    assert build_next_snapshots({}, {"s1": "ba", "s2": "c"}, {}, NOW) == [story("ab")]


def test_a_story_with_the_same_members_is_left_alone():
    assert build_next_snapshots({"s1": story("ab")}, {"s1": "ab"}, {}, NOW) == []


def test_a_story_that_changed_gets_its_next_version_and_keeps_its_lead():
    known = {"s1": story("ab", 4, lead="a")}
    assert build_next_snapshots(known, {"s1": "abc"}, {}, NOW) == [story("abc", 5, lead="a")]
    known = {"s1": story("ab", 4)}
    assert build_next_snapshots(known, {"s1": "a"}, {}, NOW) == [story("a", 5)]


def test_a_story_without_articles_is_superseded_by_the_one_most_of_them_went_to():
    current = {"a": "s2", "b": "s3", "c": "s3"}
    ended = build_next_snapshots({"s1": story("abc")}, {"s1": ""}, current, NOW)
    assert ended == [story("", 2, superseded_by="s3")]
    tied = {"a": "s3", "b": "s2"}
    ended = build_next_snapshots({"s1": story("ab")}, {"s1": ""}, tied, NOW)
    assert ended == [story("", 2, superseded_by="s2")]


def test_an_ended_story_stays_as_it_is():
    known = {"s1": story("", 2, superseded_by="s2")}
    assert build_next_snapshots(known, {"s1": ""}, {}, NOW) == []


def test_who_comes_into_a_story_or_leaves_it_is_moved():
    known = {"s1": story("abc")}
    current = {"a": "s1", "b": "s1", "c": "sc"}
    assert find_moved([story("abd", 2)], known, current) == {"c": "sc", "d": "s1"}


def test_the_article_that_a_story_began_with_is_not_moved():
    assert find_moved([story("ab", story_id="sa")], {}, {}) == {"b": "sa"}


def test_who_goes_from_one_story_to_another_is_in_the_latter():
    known = {"s1": story("ab"), "s2": story("cd", story_id="s2")}
    changed = [story("", 2, superseded_by="s2"), story("abcd", 2, story_id="s2")]
    current = {"a": "s2", "b": "s2", "c": "s2", "d": "s2"}
    assert find_moved(changed, known, current) == {"a": "s2", "b": "s2"}
