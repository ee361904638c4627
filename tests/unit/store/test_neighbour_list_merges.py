"""What the store makes of a merge: only lists that change are written."""

from shared.store import Neighbour, NeighbourList
from shared.store.ports.story.neighbour_lists import Entries, merge_lists


def keep_known(before: NeighbourList, entries: Entries) -> tuple[NeighbourList, bool]:
    """A merge that sets the entries of known articles alone."""
    known = before.entries
    changed = {name: near for name, near in entries.items() if name in known and near}
    if not changed:
        return before, False
    return NeighbourList.from_entries(before.stamp, {**known, **changed}), True


def test_only_lists_that_change_are_returned_with_the_articles_that_the_change_concerns():
    lists = {"a": NeighbourList(3, ["b"], [0.5], [b""]), "d": NeighbourList(4, ["e"], [0.5], [b""])}
    near = Neighbour(0.7)
    changes = {"a": {"b": near}, "d": {"unknown": near}, "new": {"b": near}}
    changed, concerned = merge_lists(lists, changes, keep_known)
    assert changed == {"a": NeighbourList(3, ["b"], [0.7], [b""])}
    assert concerned == {"a"}
