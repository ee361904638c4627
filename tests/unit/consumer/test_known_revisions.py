"""Every revision is told once, in order, and a retracted article does not come back."""

from hypothesis import given
from hypothesis import strategies as st

from shared.consumer.checkpoint import Checkpoint
from shared.consumer.known_revisions import KnownRevisions, RevisionStatus


def know_nothing() -> KnownRevisions:
    return KnownRevisions({}, {})


def shown(known: KnownRevisions) -> dict[str, int]:
    return dict(known.build_checkpoint("c", {}).shown)


def test_a_revision_is_new_once_and_an_older_one_never():
    known = know_nothing()
    assert known.note("a", 1, is_end=False) is RevisionStatus.NEW
    assert known.note("a", 2, is_end=False) is RevisionStatus.NEW
    assert known.note("a", 2, is_end=False) is RevisionStatus.REPEAT
    assert known.note("a", 1, is_end=False) is RevisionStatus.REPEAT
    assert shown(known) == {"a": 2}


def test_a_late_repeat_of_what_was_retracted_is_a_repeat_also_after_a_restart():
    known = know_nothing()
    known.note("a", 1, is_end=False)
    assert known.note("a", 2, is_end=True) is RevisionStatus.NEW
    saved = Checkpoint.from_json(known.build_checkpoint("c", {0: 7}).to_json())
    resumed = KnownRevisions(saved.shown, saved.ended)
    assert resumed.note("a", 1, is_end=False) is RevisionStatus.REPEAT
    assert resumed.note("a", 3, is_end=False) is RevisionStatus.NEW
    assert shown(resumed) == {"a": 3}


def test_the_first_sight_of_any_revision_is_no_gap():
    assert know_nothing().note("a", 3, is_end=False) is RevisionStatus.NEW


def test_a_revision_that_was_left_out_is_a_gap_outside_of_snapshots():
    known = know_nothing()
    known.note("a", 1, is_end=False)
    assert known.note("a", 3, is_end=False) is RevisionStatus.AFTER_GAP
    known.begin_snapshot()
    assert known.note("a", 9, is_end=False) is RevisionStatus.NEW
    known.finish_snapshot()
    assert known.note("a", 11, is_end=True) is RevisionStatus.AFTER_GAP


def test_what_is_not_in_a_snapshot_has_ended():
    known = KnownRevisions({"a": 1, "b": 4, "c": 2}, {})
    known.begin_snapshot()
    known.note("a", 1, is_end=False)
    known.note("c", 3, is_end=True)
    assert known.finish_snapshot() == {"b": 4}
    assert shown(known) == {"a": 1}
    assert known.note("b", 4, is_end=False) is RevisionStatus.REPEAT
    assert known.note("b", 5, is_end=False) is RevisionStatus.NEW


def test_a_new_cluster_keeps_what_is_shown_and_counts_anew():
    known = KnownRevisions(
        {"same": 2, "newer": 2, "older": 9, "gone": 1, "untold": 3}, {"ended": 2}
    )
    known.begin_cluster()
    assert known.note("same", 2, is_end=False) is RevisionStatus.REPEAT
    assert known.note("newer", 3, is_end=False) is RevisionStatus.NEW
    assert known.note("older", 1, is_end=False) is RevisionStatus.NEW  # a store from a backup
    assert known.note("gone", 2, is_end=True) is RevisionStatus.NEW
    assert known.note("ended", 3, is_end=False) is RevisionStatus.NEW
    assert shown(known) == {"same": 2, "newer": 3, "older": 1, "untold": 3, "ended": 3}
    assert known.note("same", 3, is_end=False) is RevisionStatus.NEW


def test_a_snapshot_of_a_new_cluster_ends_what_it_lacks():
    known = KnownRevisions({"a": 2, "b": 1}, {})
    known.begin_cluster()
    known.begin_snapshot()
    known.note("a", 2, is_end=False)
    assert known.finish_snapshot() == {"b": 1}
    assert shown(known) == {"a": 2}


REVISIONS = st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 6)), max_size=30)


@given(REVISIONS, st.sets(st.tuples(st.sampled_from("ab"), st.integers(1, 6))))
def test_whatever_comes_the_highest_revision_is_what_counts(
    seen: list[tuple[str, int]], ends: set[tuple[str, int]]
):
    known = know_nothing()
    for name, revision in seen:
        known.note(name, revision, is_end=(name, revision) in ends)
    highest = {name: revision for name, revision in sorted(seen)}
    expected = {
        name: revision for name, revision in highest.items() if (name, revision) not in ends
    }
    assert shown(known) == expected
