"""Which article leads a story: the best of its leads, but only past the margin another one."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.publishing.announcing.story_lead_reasons import explain_lead_change, explain_update
from services.publishing.announcing.story_leads import is_outdated, may_change_lead, select_lead
from services.publishing.deciding.ranking import Contender
from services.publishing.deciding.rules import Rules
from shared.events.stories.story_reasons import StoryReason
from shared.store import Story

NOW = datetime(2026, 3, 2, tzinfo=UTC)
RULES = Rules(margin=2)


def contender(name: str, quality: int, is_lead: bool = True) -> Contender:
    return Contender(name, name.upper(), quality, NOW, is_lead)


def story(members: str, lead: str = "") -> Story:
    return Story("s1", 1, tuple(members), NOW, lead=lead)


@pytest.mark.parametrize(
    ("leads", "holder", "expected"),
    [
        ([], None, None),
        ([contender("a", 5), contender("b", 7)], None, "b"),
        ([contender("a", 5), contender("b", 6)], contender("a", 5), "a"),
        ([contender("a", 5), contender("b", 7)], contender("a", 5), "b"),
        ([contender("b", 4)], contender("a", 5, is_lead=False), "b"),
        ([], contender("a", 5, is_lead=False), None),
    ],
)
def test_the_best_lead_is_selected_unless_the_holder_is_within_the_margin(
    leads: list[Contender], holder: Contender | None, expected: str | None
):
    selected = select_lead(leads, holder, RULES)
    assert (selected.id if selected else None) == expected


def test_only_some_decisions_may_change_the_lead_of_a_story():
    assert may_change_lead(story("ab"), {"b": False})
    assert may_change_lead(story("ab", "z"), {"b": False})
    assert may_change_lead(story("ab", "a"), {"a": False})
    assert may_change_lead(story("ab", "a"), {"b": True})
    assert not may_change_lead(story("ab", "a"), {"a": True, "b": False})
    assert not may_change_lead(story("ab", "a"), {"z": True})


def test_a_first_lead_simply_leads():
    reason = explain_lead_change(contender("b", 7), None, story("ab"), RULES)
    assert reason == StoryReason("first-lead", "“B” (quality 7) leads")


@pytest.mark.parametrize(
    ("quality", "before", "members", "code", "expected"),
    [
        (7, contender("a", 5), "ab", "better-lead", "better by 2 or more"),
        (4, contender("a", 5), "bc", "lead-left", "left the story"),
        (4, contender("a", 5, is_lead=False), "ab", "lead-outranked", "no longer leads"),
    ],
)
def test_a_new_lead_says_why_it_replaces_the_one_before(
    quality: int, before: Contender, members: str, code: str, expected: str
):
    after = contender("b", quality)
    reason = explain_lead_change(after, before, story(members, "a"), RULES)
    assert reason.code == code
    assert expected in reason.sentence


def test_a_story_is_outdated_when_its_lead_has_another_title_or_heat():
    led = replace(story("ab", "a"), title="A", heat=80)
    assert not is_outdated(led, {"a": ("A", 80), "b": ("B", 90)})
    assert not is_outdated(led, {})
    assert is_outdated(led, {"a": ("A", 90)})
    assert is_outdated(led, {"a": ("Another", 80)})
    assert explain_update(led, ("Another", 90)) == StoryReason(
        "lead-updated",
        "its lead is now called “Another” and the heat of its lead is now 90, it was 80",
    )
