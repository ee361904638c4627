"""Who leads a story: the best of those that lead, and sticky past the margin alone."""

from datetime import UTC, datetime

import pytest

from services.publishing.decision import Contender
from services.publishing.rules import Rules
from services.publishing.story_leads import is_in_question, lead_of, why
from shared.store import Story

NOW = datetime(2026, 3, 2, tzinfo=UTC)
RULES = Rules(margin=2)


def who(name: str, quality: int, leads: bool = True) -> Contender:
    return Contender(name, name.upper(), quality, NOW, leads)


def story(members: str, lead: str = "") -> Story:
    return Story("s1", 1, tuple(members), NOW, lead=lead)


@pytest.mark.parametrize(
    ("leaders", "holder", "expected"),
    [
        ([], None, None),
        ([who("a", 5), who("b", 7)], None, "b"),
        ([who("a", 5), who("b", 6)], who("a", 5), "a"),
        ([who("a", 5), who("b", 7)], who("a", 5), "b"),
        ([who("b", 4)], who("a", 5, leads=False), "b"),
        ([], who("a", 5, leads=False), None),
    ],
)
def test_the_lead(leaders: list[Contender], holder: Contender | None, expected: str | None):
    found = lead_of(leaders, holder, RULES)
    assert (found.id if found else None) == expected


def test_only_some_decisions_put_it_in_question():
    assert is_in_question(story("ab"), {"b": False})
    assert is_in_question(story("ab", "z"), {"b": False})
    assert is_in_question(story("ab", "a"), {"a": False})
    assert is_in_question(story("ab", "a"), {"b": True})
    assert not is_in_question(story("ab", "a"), {"a": True, "b": False})
    assert not is_in_question(story("ab", "a"), {"z": True})


def test_the_reason_is_a_sentence():
    assert why(who("b", 7), None, story("ab"), RULES) == "“B” (quality 7) leads"
    assert "better by 2 or more" in why(who("b", 7), who("a", 5), story("ab", "a"), RULES)
    assert "left the story" in why(who("b", 4), who("a", 5), story("bc", "a"), RULES)
    assert "no longer leads" in why(who("b", 4), who("a", 5, leads=False), story("ab", "a"), RULES)
