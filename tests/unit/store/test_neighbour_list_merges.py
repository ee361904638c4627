"""What the store makes of a merge: only lists that change are written."""

from shared.store import NeighbourList
from shared.store.ports.neighbour_lists import Entries, merge_lists


def keep_known(before: NeighbourList, entries: Entries) -> tuple[NeighbourList, bool]:
    """A merge that sets the scores of known articles alone."""
    changed = {name: score for name, score in entries.items() if name in before.entries and score}
    if not changed:
        return before, False
    return NeighbourList.from_scores(before.stamp, {**before.entries, **changed}), True


def test_only_lists_that_change_are_returned_with_the_articles_that_the_change_concerns():
    lists = {"a": NeighbourList(3, ["b"], [0.5]), "d": NeighbourList(4, ["e"], [0.5])}
    changes = {"a": {"b": 0.7}, "d": {"unknown": 0.9}, "new": {"b": 0.1}}
    changed, concerned = merge_lists(lists, changes, keep_known)
    assert changed == {"a": NeighbourList(3, ["b"], [0.7])}
    assert concerned == {"a"}
