"""What is told of a story follows from two versions of it, and from nothing else."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.events.story_notices import Around, lead, told
from shared.store import Instruction, Story

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def story(members: str, version: int = 2, **more: Any) -> Story:
    return Story("s1", version, tuple(members), NOW, **more)


def notice(before: Story | None, after: Story, **around: Any) -> tuple[str, dict[str, Any]]:
    latest = told(before, after, Around(**around)).latest
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
def test_the_difference_says_what_happened(before: Story | None, after: Story, kind: str):
    assert notice(before, after)[0] == kind


def test_it_says_who_came_and_who_went():
    _, data = notice(story("abc", 1), story("abd", lead=""))
    assert (data["joined"], data["left"], data["members"]) == (["d"], ["c"], ["a", "b", "d"])
    assert (data["id"], data["version"], data["supersededBy"], data["reason"]) == (
        "s1",
        2,
        None,
        "1 article left: 3 in all",
    )


def test_a_story_that_went_whole_was_merged_and_one_that_did_not_came_apart():
    gone = story("", superseded_by="s2")
    assert notice(story("ab", 1), gone, stands={"a": "s2", "b": "s2"})[0] == "merged"
    kind, data = notice(story("ab", 1), gone, stands={"a": "s2", "b": "s3"})
    assert (kind, data["supersededBy"]) == ("split", "s2")
    assert "came apart" in data["reason"]


def test_a_story_that_took_another_in_was_merged_too():
    kind, data = notice(story("ab", 1), story("abcd"), absorbed={"s2"})
    assert (kind, data["merged"], data["supersededBy"]) == ("merged", ["s2"], None)


def test_the_lead_is_told_with_the_one_before():
    latest = told(story("ab", 1, lead="a"), story("ab", lead="b"), reason="b is better").latest
    assert latest is not None
    data = json.loads(latest.data)
    assert (data["lead"], data["previousLead"], data["reason"]) == ("b", "a", "b is better")


def test_a_lead_that_left_leads_no_more():
    assert lead(story("ab", lead="c")) is None
    assert notice(story("abc", 1, lead="c"), story("ab", lead="c"))[1]["lead"] is None


def test_the_newsrooms_word_is_given_where_it_is_the_reason():
    pin = Instruction("pin", ("a",), ("c",), "ann", NOW, "one bridge")
    block = Instruction("block", ("a",), ("c",), "bo", NOW)
    assert notice(story("ab", 1), story("abc"), instructions=[pin, block])[1]["reason"] == (
        "1 article joined: 3 in all; by the newsroom's word: pin by ann, “one bridge”"
    )
    assert (
        "block by bo"
        in notice(story("abc", 1), story("ab"), instructions=[pin, block])[1]["reason"]
    )
    assert "word" not in notice(story("ab", 1), story("abd"), instructions=[pin])[1]["reason"]


def test_a_repeat_has_the_same_bytes():
    before, after = story("ab", 1), story("abc")
    assert told(before, after).latest == told(before, replace(after)).latest
