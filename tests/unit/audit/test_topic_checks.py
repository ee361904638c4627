"""What the topics say of one article against the store, with revisions made by hand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.console.audit.breaches import Promise
from services.console.audit.repairs.repair_actions import (
    DecideAgain,
    ResendRevision,
    RestoreDecision,
    WakePublishing,
)
from services.console.audit.topics.published_topics import PublishedLog, PublishedState
from services.console.audit.topics.topic_checks import TopicView, check_published, is_created_in
from shared.broker.records import Record
from shared.events.published_events import build_published_events
from shared.events.topics import PUBLISHED_LOG, PUBLISHED_STATE
from shared.store import AnsweredDrop, Decision, Revision, StoredArticle

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def revision(revision: int, kind="published") -> Revision:
    return Revision("a", revision, kind, NOW, b'{"id": "a", "revision": %d}' % revision)


def decision(latest: Revision | None, **changed) -> Decision:
    published = latest is not None and latest.kind != "retracted"
    made = Decision(
        article_id="a",
        stamp=1,
        version=1,
        revision=latest.number if latest else 0,
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


def view(log=(), state=(), late=(), **changed) -> TopicView:
    """What the topics say after these revisions.

    *late* ones were announced after the audit began to read the store.
    """
    published_log, published_state = PublishedLog(), PublishedState()
    _add(log, published_log, PUBLISHED_LOG)
    _add(state, published_state, PUBLISHED_STATE)
    published_log.take_checkpoint()
    published_state.take_checkpoint()
    _add(late, published_log, PUBLISHED_LOG)
    _add(late, published_state, PUBLISHED_STATE)
    return TopicView(
        published_log.histories.get("a"),
        published_state.latest.get("a"),
        published_state.checkpoint.get("a", 0),
        **changed,
    )


def _add(revisions, published: PublishedLog | PublishedState, topic: str) -> None:
    for revision in revisions:
        events = build_published_events(revision)
        (event,) = [event for event in events if event.topic == topic]
        offset = published.records
        published.add(Record("c", topic, 0, offset, NOW, event.key, event.value, event.headers))


def faults(decision, seen: TopicView, due=()) -> list[tuple[Promise, bool]]:
    breaches = check_published("a", decision, due, seen)
    return [(breach.promise, breach.pending) for breach in breaches]


ALL = [revision(1), revision(2)]


class TestNoBreach:
    def test_log_and_state_that_equal_the_store(self):
        assert faults(decision(revision(2)), view(ALL, ALL)) == []

    def test_an_article_that_was_never_published(self):
        assert faults(decision(None), view()) == []
        assert faults(None, view()) == []

    def test_a_tombstone_after_a_retraction_and_after_compaction(self):
        gone = revision(3, "retracted")
        assert faults(decision(gone), view([*ALL, gone], [*ALL, gone])) == []
        assert faults(decision(gone), view([*ALL, gone])) == []

    def test_a_revision_announced_while_the_store_was_read(self):
        assert faults(decision(revision(1)), view(ALL[:1], ALL[:1], late=[revision(2)])) == []

    def test_a_log_that_begins_later_after_a_new_cluster_or_retention(self):
        assert faults(decision(revision(2)), view(ALL[1:], ALL, is_from_this_cluster=False)) == []
        assert faults(decision(revision(2)), view(ALL[1:], ALL, horizon=NOW - timedelta(1))) == []

    def test_a_log_that_retention_has_removed(self):
        assert faults(decision(revision(2)), view((), ALL, horizon=NOW + timedelta(1))) == []


class TestBreaches:
    def test_a_revision_that_was_never_saved(self):
        assert faults(decision(revision(1)), view(ALL, ALL)) == [(Promise.SAVED, False)] * 2
        (found, _) = check_published("a", None, (), view(ALL, ALL))
        assert found.repair_action == RestoreDecision("a", 2)

    def test_a_revision_that_was_never_announced(self):
        log, state = check_published("a", decision(revision(2)), (), view(ALL[:1], ALL[:1]))
        assert (log.promise, log.repair_action) == (
            Promise.ANNOUNCED,
            ResendRevision(revision(2), (PUBLISHED_LOG,)),
        )
        assert (state.promise, state.repair_action) == (
            Promise.STATE,
            ResendRevision(revision(2), (PUBLISHED_STATE,)),
        )

    def test_nothing_in_the_topics_at_all(self):
        found = faults(decision(revision(2)), view())
        assert found == [
            (Promise.ANNOUNCED, False),
            (Promise.STATE, False),
            (Promise.GAPLESS, False),
        ]
        assert faults(decision(revision(2)), view(is_from_this_cluster=False)) == found[:2]

    @pytest.mark.parametrize("log", [[revision(1), revision(3)], [revision(2), revision(3)]])
    def test_a_gap(self, log):
        assert faults(decision(revision(3)), view(log, [revision(3)])) == [(Promise.GAPLESS, False)]

    def test_a_gap_in_a_log_that_begins_later(self):
        seen = view([revision(4), revision(6)], [revision(6)], is_from_this_cluster=False)
        assert faults(decision(revision(6)), seen) == [(Promise.GAPLESS, False)]

    def test_other_bytes(self):
        other = replace(revision(2), data=b'{"id": "a", "revision": 2, "title": ""}')
        assert faults(decision(revision(2)), view([revision(1), other], ALL)) == [
            (Promise.LOG, False)
        ]
        assert faults(decision(revision(2)), view(ALL, [revision(1), other])) == [
            (Promise.STATE, False)
        ]

    def test_a_state_topic_that_ends_with_an_older_revision(self):
        assert faults(decision(revision(2)), view(ALL, [revision(2), revision(1)])) == [
            (Promise.STATE, False)
        ]

    def test_a_state_without_its_tombstone(self):
        gone = revision(3, "retracted")
        assert faults(decision(gone), view([*ALL, gone], ALL)) == [(Promise.STATE, False)]

    def test_a_tombstone_of_a_published_article(self):
        gone = revision(1, "retracted")
        assert (Promise.STATE, False) in faults(decision(revision(2)), view(ALL, [gone]))

    @pytest.mark.parametrize("changed", [{"revision": 3}, {"published": False}])
    def test_a_decision_that_disagrees_with_its_revision(self, changed):
        (found,) = check_published("a", decision(revision(2), **changed), (), view(ALL, ALL))
        assert (found.promise, found.repair_action) == (Promise.STORE, DecideAgain("a", "a.v1"))


class TestDueRevisions:
    def test_are_pending_and_the_repair_wakes_publishing(self):
        found = list(
            check_published("a", decision(revision(2)), [revision(2)], view(ALL[:1], ALL[:1]))
        )
        assert [(breach.promise, breach.pending) for breach in found] == [
            (Promise.ANNOUNCED, True),
            (Promise.STATE, True),
        ]
        assert {breach.repair_action for breach in found} == {WakePublishing("a", "a.r2")}

    def test_several_of_one_article_are_pending(self):
        assert {
            pending
            for _, pending in faults(
                decision(revision(3)), view([revision(1)]), [revision(2), revision(3)]
            )
        } == {True}

    def test_that_were_sent_but_not_yet_marked_are_pending(self):
        assert faults(decision(revision(2)), view(ALL, ALL), [revision(2)]) == [
            (Promise.ANNOUNCED, True)
        ]

    def test_do_not_excuse_an_older_gap(self):
        seen = view([revision(2)], [revision(2)])
        assert (Promise.GAPLESS, False) in faults(decision(revision(3)), seen, [revision(3)])


def test_an_article_is_created_in_the_cluster_of_its_first_drop():
    def make_article(*drops: AnsweredDrop) -> StoredArticle:
        return StoredArticle("a", b"", 1, (), NOW, NOW, answered_drops=drops)

    assert is_created_in(
        "c", make_article(AnsweredDrop("c/0", 3, "accepted"), AnsweredDrop("d/0", 1, "updated"))
    )
    assert not is_created_in(
        "d", make_article(AnsweredDrop("c/0", 3, "accepted"), AnsweredDrop("d/0", 1, "updated"))
    )
    assert not is_created_in("c", make_article(AnsweredDrop("c/0", 3, "updated")))
    assert not is_created_in("c", make_article())
