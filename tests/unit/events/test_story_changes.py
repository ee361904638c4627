"""A story event follows from two versions of the story, and from nothing else."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.budgets import MAX_STORY_EVENT_BYTES
from shared.events.public.registry import PUBLIC_EVENTS
from shared.events.public.stories import StoryChange
from shared.events.stories.story_changes import StoryContext, attach_story_event, current_lead
from shared.events.stories.story_reasons import StoryReason
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
    assert data == {
        "id": "s1",
        "version": 2,
        "memberCount": 3,
        "members": ["a", "b", "d"],
        "joined": ["d"],
        "left": ["c"],
        "merged": [],
        "reasonCode": "other-event",
        "reason": "1 article left: 3 in all",
    }


def test_a_story_whose_articles_went_to_one_story_was_merged_and_any_other_came_apart():
    before = story("ab", 1, lead="a", title="The bridge")
    gone = story("", superseded_by="s2", title="The bridge")
    assert derive_event(before, gone, current_stories={"a": "s2", "b": "s2"}) == (
        "ended",
        {
            "id": "s1",
            "version": 2,
            "title": "The bridge",
            "mergedInto": "s2",
            "left": ["a", "b"],
            "reasonCode": "merged-away",
            "reason": "became part of s2",
        },
    )
    kind, data = derive_event(before, gone, current_stories={"a": "s2", "b": "s3"})
    assert (kind, data["reasonCode"]) == ("ended", "fell-apart")
    assert "mergedInto" not in data
    assert "came apart" in data["reason"]


def test_a_story_whose_articles_are_gone_ended_too():
    kind, data = derive_event(story("ab", 1), story(""))
    assert (kind, data["reasonCode"]) == ("ended", "fell-apart")


def test_a_story_that_absorbed_another_was_merged_too():
    kind, data = derive_event(story("ab", 1), story("abcd"), absorbed={"s2"})
    assert (kind, data["merged"], data["reasonCode"]) == ("merged", ["s2"], "one-event")


def test_a_new_lead_comes_with_its_title_and_heat_and_the_previous_lead():
    latest = attach_story_event(
        story("ab", 1, lead="a", title="Of a", heat=70),
        story("ab", lead="b", title="Of b", heat=80),
        reason=StoryReason("better-lead", "b is better"),
    ).latest
    assert latest is not None
    data = json.loads(latest.data)
    assert (data["lead"], data["previousLead"], data["reason"]) == ("b", "a", "b is better")
    assert (data["title"], data["heat"], data["reasonCode"]) == ("Of b", 80, "better-lead")


def test_another_heat_of_the_same_lead_is_an_update():
    before = story("ab", 1, lead="a", title="Of a", heat=70)
    reason = StoryReason("lead-updated", "hotter")
    latest = attach_story_event(before, replace(before, version=2, heat=90), reason=reason).latest
    assert latest is not None
    data = json.loads(latest.data)
    assert (latest.kind, data["lead"], data["heat"]) == ("updated", "a", 90)
    assert "previousLead" not in data


def test_a_lead_that_left_the_story_no_longer_leads_it():
    assert current_lead(story("ab", lead="c")) is None
    after = story("ab", lead="c", title="Of c", heat=70)
    _, data = derive_event(story("abc", 1, lead="c"), after)
    assert data.keys().isdisjoint({"lead", "title", "heat"})


def test_an_override_is_the_reason_and_its_editor_is_named_in_the_house_alone():
    pin = Override("pin", ("a",), ("c",), "ann", NOW, "one bridge")
    block = Override("block", ("a",), ("c",), "bo", NOW)
    overrides = [pin, block]
    joined = attach_story_event(story("ab", 1), story("abc"), StoryContext(overrides=overrides))
    left = attach_story_event(story("abc", 1), story("ab"), StoryContext(overrides=overrides))
    other = attach_story_event(story("ab", 1), story("abd"), StoryContext(overrides=overrides))
    notes = [joined.note, left.note, other.note]
    assert notes == [
        "by an editor's override: pin by ann, “one bridge”",
        "by an editor's override: block by bo",
        "",
    ]
    datas = [json.loads(each.latest.data) for each in (joined, left, other) if each.latest]
    assert [data["reason"] for data in datas] == [
        "1 article joined: 3 in all; by an editor's override",
        "1 article left: 2 in all; by an editor's override",
        "1 article joined: 3 in all",
    ]
    assert [data["reasonCode"] for data in datas] == ["editor", "editor", "one-event"]


def test_what_is_announced_has_the_fields_of_its_model_in_their_order():
    led = story("ab", 1, lead="a", title="Of a", heat=70)
    gone = story("", superseded_by="s2", title="Of a")
    for before, after in ((led, story("bc", lead="a")), (led, gone)):
        kind, data = derive_event(before, after, absorbed={"s0"})
        model = PUBLIC_EVENTS[f"story.{kind}"]
        assert json.dumps(model.model_validate_json(json.dumps(data)).as_json()) == json.dumps(data)


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
    reason = StoryReason("editor", "\0" * 500_000)
    latest = attach_story_event(before, after, context, reason=reason).latest
    assert latest is not None
    assert len(latest.data) <= MAX_STORY_EVENT_BYTES
    data = json.loads(latest.data)
    for name, count in (("members", 60_000), ("joined", 30_000), ("left", 0), ("merged", 30_000)):
        assert len(data[name]) + data["omitted"].get(name, 0) == count
    assert data["members"] == ids[: len(data["members"])]
    assert data["reason"].endswith("…")
    assert StoryChange.model_validate_json(latest.data).member_count == 60_000


def test_an_event_that_fits_omits_nothing():
    _, data = derive_event(None, story("ab", 1))
    assert "omitted" not in data
