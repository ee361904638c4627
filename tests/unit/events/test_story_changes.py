"""A story event follows from two versions of the story, and from nothing else."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.budgets import MAX_STORY_EVENT_BYTES
from shared.events.story_changes import StoryContext, attach_story_event, current_lead
from shared.store import Override, Story

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def story(members: str, version: int = 2, **more: Any) -> Story:
    return Story("s1", version, tuple(members), NOW, **more)


def derive_event(before: Story | None, after: Story, **context: Any) -> tuple[str, dict[str, Any]]:
    latest = attach_story_event(before, after, StoryContext(**context)).latest
    assert latest is not None
    assert (latest.story_id, latest.version, latest.at) == ("s1", after.version, NOW)
    return latest.kind, json.loads(latest.data)


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (None, story("ab", 1), "created"),
        (story("ab", 1), story("abc"), "joined"),
        (story("abc", 1), story("ab"), "split"),
        (story("abc", 1), story("abd"), "split"),
        (story("", 1, superseded_by="s9"), story("ab"), "created"),
        (story("ab", 1), story("ab", lead="a"), "led"),
        (story("ab", 1, lead="a"), story("ab", lead="b"), "lead-changed"),
    ],
)
def test_the_kind_of_change_follows_from_the_difference(
    before: Story | None, after: Story, kind: str
):
    assert derive_event(before, after)[0] == kind


def test_a_story_event_names_the_articles_that_joined_and_left():
    _, data = derive_event(story("abc", 1), story("abd", lead=""))
    assert (data["joined"], data["left"], data["members"]) == (["d"], ["c"], ["a", "b", "d"])
    assert (data["id"], data["version"], data["supersededBy"], data["reason"]) == (
        "s1",
        2,
        None,
        "1 article left: 3 in all",
    )


def test_a_story_whose_articles_went_to_one_story_was_merged_and_any_other_came_apart():
    gone = story("", superseded_by="s2")
    assert derive_event(story("ab", 1), gone, current_stories={"a": "s2", "b": "s2"})[0] == "merged"
    kind, data = derive_event(story("ab", 1), gone, current_stories={"a": "s2", "b": "s3"})
    assert (kind, data["supersededBy"]) == ("split", "s2")
    assert "came apart" in data["reason"]


def test_a_story_that_absorbed_another_was_merged_too():
    kind, data = derive_event(story("ab", 1), story("abcd"), absorbed={"s2"})
    assert (kind, data["merged"], data["supersededBy"]) == ("merged", ["s2"], None)


def test_a_new_lead_comes_with_the_previous_lead():
    latest = attach_story_event(
        story("ab", 1, lead="a"), story("ab", lead="b"), reason="b is better"
    ).latest
    assert latest is not None
    data = json.loads(latest.data)
    assert (data["lead"], data["previousLead"], data["reason"]) == ("b", "a", "b is better")


def test_a_lead_that_left_the_story_no_longer_leads_it():
    assert current_lead(story("ab", lead="c")) is None
    assert derive_event(story("abc", 1, lead="c"), story("ab", lead="c"))[1]["lead"] is None


def test_an_override_is_named_where_it_is_the_reason():
    pin = Override("pin", ("a",), ("c",), "ann", NOW, "one bridge")
    block = Override("block", ("a",), ("c",), "bo", NOW)
    assert derive_event(story("ab", 1), story("abc"), overrides=[pin, block])[1]["reason"] == (
        "1 article joined: 3 in all; by an editor's override: pin by ann, “one bridge”"
    )
    assert (
        "block by bo"
        in derive_event(story("abc", 1), story("ab"), overrides=[pin, block])[1]["reason"]
    )
    assert (
        "override" not in derive_event(story("ab", 1), story("abd"), overrides=[pin])[1]["reason"]
    )


def test_a_repeat_has_the_same_bytes():
    before, after = story("ab", 1), story("abc")
    assert (
        attach_story_event(before, after).latest
        == attach_story_event(before, replace(after)).latest
    )


def test_an_event_of_a_huge_story_fits_and_says_what_it_leaves_out():
    """Two stories of 30,000 articles become one, by overrides with long reasons."""
    ids = [f"a{number:020}" for number in range(60_000)]
    before = Story("s1", 1, tuple(ids[:30_000]), NOW)
    after = Story("s1", 2, tuple(ids), NOW)
    context = StoryContext(absorbed=[f"s{number:020}" for number in range(30_000)])
    latest = attach_story_event(before, after, context, reason="\0" * 500_000).latest
    assert latest is not None
    assert len(latest.data) <= MAX_STORY_EVENT_BYTES
    data = json.loads(latest.data)
    for name, count in (("members", 60_000), ("joined", 30_000), ("left", 0), ("merged", 30_000)):
        assert len(data[name]) + data["omitted"].get(name, 0) == count
    assert data["members"] == ids[: len(data["members"])]
    assert data["reason"].endswith("…")


def test_an_event_that_fits_omits_nothing():
    _, data = derive_event(None, story("ab", 1))
    assert "omitted" not in data
