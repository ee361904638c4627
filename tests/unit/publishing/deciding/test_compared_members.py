"""Which members of a large story are compared with its lead again."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.publishing.deciding.compared_members import SMALL_STORY, ComparedMembers
from services.publishing.deciding.ranking import Contender
from shared.store import Story

NOW = datetime(2026, 3, 2, tzinfo=UTC)
MEMBERS = tuple(f"a{number:02}" for number in range(SMALL_STORY + 8))
STORY = Story("s1", 1, MEMBERS, NOW, lead="a00")
LEAD = Contender("a00", "Lead", 80, NOW, is_lead=True)


@pytest.fixture
def compared() -> ComparedMembers:
    members = ComparedMembers()
    members.keep(STORY, LEAD)
    return members


def test_at_first_all_are_compared():
    assert ComparedMembers().choose(STORY, LEAD, {}) == {*MEMBERS}


def test_then_only_those_that_joined_or_were_decided_to_lead(compared: ComparedMembers):
    grown = replace(STORY, members=(*MEMBERS, "new"))
    decided = {"a03": True, "a04": False, "elsewhere": True}
    assert compared.choose(grown, LEAD, decided) == {"new", "a03"}


@pytest.mark.parametrize(
    "lead",
    [None, replace(LEAD, version=2), replace(LEAD, is_lead=False)],
)
def test_all_are_compared_when_the_lead_is_another_one(
    compared: ComparedMembers, lead: Contender | None
):
    assert compared.choose(STORY, lead, {}) == {*MEMBERS}


def test_all_are_compared_when_the_lead_left_or_changed(compared: ComparedMembers):
    without = replace(STORY, members=MEMBERS[1:])
    assert compared.choose(without, LEAD, {}) == {*MEMBERS[1:]}
    assert compared.choose(replace(STORY, lead="a01"), replace(LEAD, id="a01"), {}) == {*MEMBERS}


def test_small_stories_are_always_compared_as_a_whole():
    small = replace(STORY, members=MEMBERS[:SMALL_STORY])
    compared = ComparedMembers()
    compared.keep(small, LEAD)
    assert compared.choose(small, LEAD, {}) == {*small.members}


def test_what_is_kept_is_bounded():
    compared = ComparedMembers(max_kept=len(MEMBERS) + 1)
    compared.keep(STORY, LEAD)
    compared.keep(replace(STORY, id="s2"), LEAD)
    assert compared.choose(STORY, LEAD, {}) == {*MEMBERS}
    assert compared.choose(replace(STORY, id="s2"), LEAD, {}) == set()
