"""Faces of stories follow where articles stand."""

from datetime import UTC, datetime

from services.enrichment.related.stories.story_snapshots import faces
from shared.store import Story

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def story(members: str, version: int = 1, story_id: str = "s1", **more) -> Story:
    return Story(story_id, version, tuple(members), NOW, **more)


def test_two_articles_make_a_story_and_one_does_not():
    assert faces({}, {"s1": "ba", "s2": "c"}, {}, NOW) == [story("ab")]


def test_what_stands_is_left_alone():
    assert faces({"s1": story("ab")}, {"s1": "ab"}, {}, NOW) == []


def test_a_story_that_changed_gets_its_next_version_and_keeps_its_lead():
    assert faces({"s1": story("ab", 4, lead="a")}, {"s1": "abc"}, {}, NOW) == [
        story("abc", 5, lead="a")
    ]
    assert faces({"s1": story("ab", 4)}, {"s1": "a"}, {}, NOW) == [story("a", 5)]


def test_a_story_without_articles_is_followed_by_where_most_of_them_went():
    stands = {"a": "s2", "b": "s3", "c": "s3"}
    assert faces({"s1": story("abc")}, {"s1": ""}, stands, NOW) == [
        story("", 2, superseded_by="s3")
    ]
    assert faces({"s1": story("ab")}, {"s1": ""}, {"a": "s3", "b": "s2"}, NOW) == [
        story("", 2, superseded_by="s2")
    ]


def test_an_ended_story_stays_as_it_is():
    assert faces({"s1": story("", 2, superseded_by="s2")}, {"s1": ""}, {}, NOW) == []
