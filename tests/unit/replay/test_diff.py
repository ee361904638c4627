"""What other rules would change; stories are matched by the articles they share."""

from typing import Any

from services.console.replay.diff import Change, count_by_kind, diff_states
from services.console.replay.newsroom_state import NewsroomState


def state(stories: dict[str, str], **more: Any) -> NewsroomState:
    kept = {name: frozenset(members) for name, members in stories.items()}
    return NewsroomState(
        {}, kept, more.get("leads", {}), frozenset(more.get("published", ())), more.get("heat", {})
    )


def diff(before: dict[str, str], after: dict[str, str]) -> list[tuple[str, str, Any, Any]]:
    changes = diff_states(state(before), state(after))
    return [(change.kind, change.subject, change.before, change.after) for change in changes]


def test_equal_states_have_no_difference():
    assert diff_states(state({"s1": "ab"}), state({"s1": "ab"})) == []


def test_another_story_id_alone_is_no_change():
    assert diff({"s1": "ab"}, {"s2": "ab"}) == []


def test_changes_of_stories():
    assert diff({}, {"s1": "ab"}) == [("created", "s1", [], ["a", "b"])]
    assert diff({"s1": "ab"}, {}) == [("ended", "s1", ["a", "b"], [])]
    assert diff({"s1": "ab", "s2": "cd"}, {"s1": "abcd"}) == [
        ("merged", "s1", ["s1", "s2"], ["a", "b", "c", "d"])
    ]
    assert diff({"s1": "abcd"}, {"s1": "ab", "s2": "cd"}) == [
        ("split", "s1", ["a", "b", "c", "d"], ["s1", "s2"])
    ]
    assert diff({"s1": "ab"}, {"s1": "abc"}) == [("joined", "s1", [], ["c"])]
    assert diff({"s1": "abc"}, {"s1": "ab"}) == [("left", "s1", ["c"], [])]


def test_changes_of_articles():
    before = state(
        {}, leads={"a": "a", "b": "a", "c": "c"}, published="a", heat={"a": 80, "b": -1, "c": 9}
    )
    after = state(
        {}, leads={"a": "b", "b": "b", "c": "c"}, published="b", heat={"a": -1, "b": 90, "c": 9}
    )
    found = diff_states(before, after)
    assert found[:2] == [Change("lead", "a", "a", "b"), Change("lead", "b", "a", "b")]
    assert found[2:4] == [
        Change("published", "b", False, True),
        Change("unpublished", "a", True, False),
    ]
    assert found[4:] == [Change("heat", "a", 80, -1), Change("heat", "b", -1, 90)]
    assert count_by_kind(found) | {"heat": 2, "lead": 2, "created": 0} == count_by_kind(found)
