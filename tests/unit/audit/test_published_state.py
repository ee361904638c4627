"""An article's published state in the topics against the store's, by hand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.console.audit.breaches import Promise
from services.console.audit.published_log import PublishedLog, PublishedState
from services.console.audit.published_state import Told, born_in, judge
from services.console.audit.repair_actions import Redecide, Resend, Restore, Wake
from shared.broker.records import Record
from shared.broker.topics import PUBLISHED_LOG, PUBLISHED_STATE
from shared.events.catalogue import publication
from shared.store import Decision, Publication, StoredArticle, Taken

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def item(revision: int, kind="published") -> Publication:
    return Publication("a", revision, kind, NOW, b'{"id": "a", "revision": %d}' % revision)


def decision(latest: Publication | None, **changed) -> Decision:
    published = latest is not None and latest.kind != "retracted"
    made = Decision(
        article_id="a",
        stamp=1,
        version=1,
        revision=latest.revision if latest else 0,
        published=published,
        heat=80,
        lead="a",
        reason="",
        rules={},
        inputs={},
        decided_at=NOW,
        latest=latest,
    )
    return replace(made, **changed)


def told(log=(), state=(), late=(), **changed) -> Told:
    """What the topics say after these publications; *late* ones came after the store began to be read."""
    written, kept = PublishedLog(), PublishedState()
    for one in log:
        _fold(written, one, PUBLISHED_LOG)
    for one in state:
        _fold(kept, one, PUBLISHED_STATE)
    written.mark()
    kept.mark()
    for one in late:
        _fold(written, one, PUBLISHED_LOG)
        _fold(kept, one, PUBLISHED_STATE)
    return Told(written.chains.get("a"), kept.latest.get("a"), kept.marked.get("a", 0), **changed)


def _fold(into, one: Publication, topic: str) -> None:
    (event,) = [event for event in publication(one) if event.topic == topic]
    into.fold(Record("c", topic, 0, into.records, NOW, event.key, event.value, event.headers))


def faults(decided, said: Told, due=()) -> list[tuple[Promise, bool]]:
    return [(one.promise, one.pending) for one in judge("a", decided, due, said)]


ALL = [item(1), item(2)]


class TestWhatIsRight:
    def test_log_and_state_that_equal_the_store(self):
        assert faults(decision(item(2)), told(ALL, ALL)) == []

    def test_an_article_that_was_never_published(self):
        assert faults(decision(None), told()) == []
        assert faults(None, told()) == []

    def test_a_tombstone_after_a_retraction_and_one_that_was_forgotten(self):
        gone = item(3, "retracted")
        assert faults(decision(gone), told([*ALL, gone], [*ALL, gone])) == []
        assert faults(decision(gone), told([*ALL, gone])) == []

    def test_what_was_announced_while_the_store_was_read(self):
        assert faults(decision(item(1)), told(ALL[:1], ALL[:1], late=[item(2)])) == []

    def test_a_later_beginning_after_a_new_cluster_or_retention(self):
        assert faults(decision(item(2)), told(ALL[1:], ALL, born_here=False)) == []
        assert faults(decision(item(2)), told(ALL[1:], ALL, horizon=NOW - timedelta(1))) == []

    def test_a_log_that_is_gone_by_age(self):
        assert faults(decision(item(2)), told((), ALL, horizon=NOW + timedelta(1))) == []


class TestWhatIsNot:
    def test_a_revision_that_was_never_saved(self):
        assert faults(decision(item(1)), told(ALL, ALL)) == [(Promise.SAVED, False)] * 2
        (found, _) = judge("a", None, (), told(ALL, ALL))
        assert found.mend == Restore("a", 2)

    def test_a_revision_that_was_never_announced(self):
        log, state = judge("a", decision(item(2)), (), told(ALL[:1], ALL[:1]))
        assert (log.promise, log.mend) == (Promise.ANNOUNCED, Resend(item(2), (PUBLISHED_LOG,)))
        assert (state.promise, state.mend) == (Promise.STATE, Resend(item(2), (PUBLISHED_STATE,)))

    def test_nothing_in_the_topics_at_all(self):
        found = faults(decision(item(2)), told())
        assert found == [
            (Promise.ANNOUNCED, False),
            (Promise.STATE, False),
            (Promise.GAPLESS, False),
        ]
        assert faults(decision(item(2)), told(born_here=False)) == found[:2]

    @pytest.mark.parametrize("log", [[item(1), item(3)], [item(2), item(3)]])
    def test_a_gap(self, log):
        assert faults(decision(item(3)), told(log, [item(3)])) == [(Promise.GAPLESS, False)]

    def test_a_gap_after_a_later_beginning(self):
        said = told([item(4), item(6)], [item(6)], born_here=False)
        assert faults(decision(item(6)), said) == [(Promise.GAPLESS, False)]

    def test_other_bytes(self):
        other = replace(item(2), data=b'{"id": "a", "revision": 2, "title": ""}')
        assert faults(decision(item(2)), told([item(1), other], ALL)) == [(Promise.LOG, False)]
        assert faults(decision(item(2)), told(ALL, [item(1), other])) == [(Promise.STATE, False)]

    def test_an_older_state_at_the_end(self):
        assert faults(decision(item(2)), told(ALL, [item(2), item(1)])) == [(Promise.STATE, False)]

    def test_a_state_without_its_tombstone(self):
        gone = item(3, "retracted")
        assert faults(decision(gone), told([*ALL, gone], ALL)) == [(Promise.STATE, False)]

    def test_a_tombstone_for_what_is_shown(self):
        gone = item(1, "retracted")
        assert (Promise.STATE, False) in faults(decision(item(2)), told(ALL, [gone]))

    @pytest.mark.parametrize("changed", [{"revision": 3}, {"published": False}])
    def test_a_decision_at_odds_with_its_publication(self, changed):
        (found,) = judge("a", decision(item(2), **changed), (), told(ALL, ALL))
        assert (found.promise, found.mend) == (Promise.STORE, Redecide("a", "a.v1"))


class TestWhatIsDue:
    def test_is_pending_and_publishing_is_to_be_woken(self):
        found = list(judge("a", decision(item(2)), [item(2)], told(ALL[:1], ALL[:1])))
        assert [(one.promise, one.pending) for one in found] == [
            (Promise.ANNOUNCED, True),
            (Promise.STATE, True),
        ]
        assert {one.mend for one in found} == {Wake("a", "a.r2")}

    def test_several_of_one_article_are(self):
        assert {
            pending for _, pending in faults(decision(item(3)), told([item(1)]), [item(2), item(3)])
        } == {True}

    def test_and_was_sent_but_not_yet_settled_is(self):
        assert faults(decision(item(2)), told(ALL, ALL), [item(2)]) == [(Promise.ANNOUNCED, True)]

    def test_excuses_no_older_gap(self):
        said = told([item(2)], [item(2)])
        assert (Promise.GAPLESS, False) in faults(decision(item(3)), said, [item(3)])


def test_an_article_is_born_where_its_first_drop_came_in():
    def taken(*drops: Taken) -> StoredArticle:
        return StoredArticle("a", b"", 1, (), NOW, NOW, taken=drops)

    assert born_in("c", taken(Taken("c/0", 3, "accepted"), Taken("d/0", 1, "updated")))
    assert not born_in("d", taken(Taken("c/0", 3, "accepted"), Taken("d/0", 1, "updated")))
    assert not born_in("c", taken(Taken("c/0", 3, "updated")))
    assert not born_in("c", taken())
