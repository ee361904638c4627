"""Every revision is told once, in order, and a retracted article does not come back."""

from hypothesis import given
from hypothesis import strategies as st

from shared.consumer.checkpoint import Checkpoint
from shared.consumer.ledger import Ledger, Verdict


def new_ledger() -> Ledger:
    return Ledger({}, {})


def shown(ledger: Ledger) -> dict[str, int]:
    return dict(ledger.build_checkpoint("c", {}).shown)


def test_a_revision_is_news_once_and_an_older_one_never():
    ledger = new_ledger()
    assert ledger.note("a", 1, is_end=False) is Verdict.NEWS
    assert ledger.note("a", 2, is_end=False) is Verdict.NEWS
    assert ledger.note("a", 2, is_end=False) is Verdict.REPEAT
    assert ledger.note("a", 1, is_end=False) is Verdict.REPEAT
    assert shown(ledger) == {"a": 2}


def test_a_late_repeat_of_what_was_retracted_is_a_repeat_also_after_a_restart():
    ledger = new_ledger()
    ledger.note("a", 1, is_end=False)
    assert ledger.note("a", 2, is_end=True) is Verdict.NEWS
    saved = Checkpoint.from_json(ledger.build_checkpoint("c", {0: 7}).to_json())
    resumed = Ledger(saved.shown, saved.ended)
    assert resumed.note("a", 1, is_end=False) is Verdict.REPEAT
    assert resumed.note("a", 3, is_end=False) is Verdict.NEWS
    assert shown(resumed) == {"a": 3}


def test_the_first_sight_of_any_revision_is_no_gap():
    assert new_ledger().note("a", 3, is_end=False) is Verdict.NEWS


def test_a_revision_that_was_left_out_is_a_gap_outside_of_snapshots():
    ledger = new_ledger()
    ledger.note("a", 1, is_end=False)
    assert ledger.note("a", 3, is_end=False) is Verdict.GAP
    ledger.begin_snapshot()
    assert ledger.note("a", 9, is_end=False) is Verdict.NEWS
    ledger.finish_snapshot()
    assert ledger.note("a", 11, is_end=True) is Verdict.GAP


def test_what_is_not_in_a_snapshot_has_ended():
    ledger = Ledger({"a": 1, "b": 4, "c": 2}, {})
    ledger.begin_snapshot()
    ledger.note("a", 1, is_end=False)
    ledger.note("c", 3, is_end=True)
    assert ledger.finish_snapshot() == {"b": 4}
    assert shown(ledger) == {"a": 1}
    assert ledger.note("b", 4, is_end=False) is Verdict.REPEAT
    assert ledger.note("b", 5, is_end=False) is Verdict.NEWS


def test_a_new_cluster_keeps_what_is_shown_and_counts_anew():
    ledger = Ledger({"same": 2, "newer": 2, "older": 9, "gone": 1, "untold": 3}, {"ended": 2})
    ledger.begin_cluster()
    assert ledger.note("same", 2, is_end=False) is Verdict.REPEAT
    assert ledger.note("newer", 3, is_end=False) is Verdict.NEWS
    assert ledger.note("older", 1, is_end=False) is Verdict.NEWS  # a store from a backup
    assert ledger.note("gone", 2, is_end=True) is Verdict.NEWS
    assert ledger.note("ended", 3, is_end=False) is Verdict.NEWS
    assert shown(ledger) == {"same": 2, "newer": 3, "older": 1, "untold": 3, "ended": 3}
    assert ledger.note("same", 3, is_end=False) is Verdict.NEWS


def test_a_snapshot_of_a_new_cluster_ends_what_it_lacks():
    ledger = Ledger({"a": 2, "b": 1}, {})
    ledger.begin_cluster()
    ledger.begin_snapshot()
    ledger.note("a", 2, is_end=False)
    assert ledger.finish_snapshot() == {"b": 1}
    assert shown(ledger) == {"a": 2}


REVISIONS = st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 6)), max_size=30)


@given(REVISIONS, st.sets(st.tuples(st.sampled_from("ab"), st.integers(1, 6))))
def test_whatever_comes_the_highest_revision_is_what_counts(
    seen: list[tuple[str, int]], ends: set[tuple[str, int]]
):
    ledger = new_ledger()
    for name, revision in seen:
        ledger.note(name, revision, is_end=(name, revision) in ends)
    highest = {name: revision for name, revision in sorted(seen)}
    expected = {
        name: revision for name, revision in highest.items() if (name, revision) not in ends
    }
    assert shown(ledger) == expected
