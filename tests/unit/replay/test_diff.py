"""What other rules would change, told of stories by whom they share articles with."""

from typing import Any

from services.console.replay.diff import Change, State, changes, counts


def state(stories: dict[str, str], **more: Any) -> State:
    kept = {name: frozenset(members) for name, members in stories.items()}
    return State(
        {}, kept, more.get("leads", {}), frozenset(more.get("published", ())), more.get("heat", {})
    )


def told(before: dict[str, str], after: dict[str, str]) -> list[tuple[str, str, Any, Any]]:
    return [(c.what, c.subject, c.before, c.after) for c in changes(state(before), state(after))]


def test_nothing_is_nothing():
    assert changes(state({"s1": "ab"}), state({"s1": "ab"})) == []


def test_another_id_alone_is_no_change():
    assert told({"s1": "ab"}, {"s2": "ab"}) == []


def test_stories():
    assert told({}, {"s1": "ab"}) == [("created", "s1", [], ["a", "b"])]
    assert told({"s1": "ab"}, {}) == [("ended", "s1", ["a", "b"], [])]
    assert told({"s1": "ab", "s2": "cd"}, {"s1": "abcd"}) == [
        ("merged", "s1", ["s1", "s2"], ["a", "b", "c", "d"])
    ]
    assert told({"s1": "abcd"}, {"s1": "ab", "s2": "cd"}) == [
        ("split", "s1", ["a", "b", "c", "d"], ["s1", "s2"])
    ]
    assert told({"s1": "ab"}, {"s1": "abc"}) == [("joined", "s1", [], ["c"])]
    assert told({"s1": "abc"}, {"s1": "ab"}) == [("left", "s1", ["c"], [])]


def test_articles():
    before = state(
        {}, leads={"a": "a", "b": "a", "c": "c"}, published="a", heat={"a": 80, "b": -1, "c": 9}
    )
    after = state(
        {}, leads={"a": "b", "b": "b", "c": "c"}, published="b", heat={"a": -1, "b": 90, "c": 9}
    )
    found = changes(before, after)
    assert found[:2] == [Change("lead", "a", "a", "b"), Change("lead", "b", "a", "b")]
    assert found[2:4] == [
        Change("published", "b", False, True),
        Change("unpublished", "a", True, False),
    ]
    assert found[4:] == [Change("heat", "a", 80, -1), Change("heat", "b", -1, 90)]
    assert counts(found) | {"heat": 2, "lead": 2, "created": 0} == counts(found)
