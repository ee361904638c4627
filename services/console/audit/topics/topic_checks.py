"""Checks of one article: what the published topics tell consumers against the store. Pure."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from services.console.audit.breaches import Breach, Place, Promise, store_place
from services.console.audit.repairs.repair_actions import (
    DecideAgain,
    ResendRevision,
    RestoreDecision,
    WakePublishing,
)
from services.console.audit.topics.published_records import PublishedRecord, digest_record
from services.console.audit.topics.published_topics import RevisionHistory, format_ranges
from shared.events.published_events import build_published_events
from shared.events.topics import PUBLISHED_LOG, PUBLISHED_STATE
from shared.store import Decision, Revision, StoredArticle

DECISIONS = store_place("decisions")
WHOLE_LOG = Place(topic=PUBLISHED_LOG)


@dataclass(frozen=True)
class TopicView:
    """What the topics say of one article, and how much of that is complete.

    - *history*: its revisions in `published.log`.
    - *state*: its last record in `published.state`.
    - *state_checkpoint*: the revision of its state when the audit began to read the store.
    - *is_from_this_cluster*: the article came in through this cluster, so its log begins with
      revision 1.
    - *horizon*: what was announced before this time may be gone from the log.
    """

    history: RevisionHistory | None = None
    state: PublishedRecord | None = None
    state_checkpoint: int = 0
    is_from_this_cluster: bool = True
    horizon: datetime | None = None

    @property
    def may_lack_head(self) -> bool:
        return not self.is_from_this_cluster or self.horizon is not None

    def may_be_gone(self, revision: Revision) -> bool:
        return self.horizon is not None and revision.at < self.horizon


def is_created_in(cluster: str, article: StoredArticle) -> bool:
    """Whether the drop that created this article is known to come from this cluster."""
    if not article.answered_drops:
        return False
    first = article.answered_drops[0]
    return first.status == "accepted" and first.source.startswith(f"{cluster}/")


def check_published(
    article_id: str, decision: Decision | None, due: Collection[Revision], view: TopicView
) -> Iterator[Breach]:
    """Yield what does not hold. A *due* revision that the topics lack is pending, not a breach."""
    yield from _check_saved(article_id, decision, view)
    if decision is None or decision.latest is None:
        return
    latest = decision.latest
    due_revisions = {revision.number for revision in due}
    wake = WakePublishing(article_id, f"{article_id}.r{latest.number}")
    found = [
        *_check_log(latest, view),
        *_check_state(latest, view),
        *_check_gaps(latest, due_revisions, view),
    ]
    for breach in found:
        is_due = latest.number in due_revisions and _is_about_latest(breach)
        if is_due or breach.pending:
            yield replace(breach, pending=True, repair_action=wake)
        else:
            yield breach
    if due_revisions and not found:
        revisions = format_ranges(due_revisions)
        sentence = f"revision {revisions} was announced, but is still in the outbox"
        yield Breach(Promise.ANNOUNCED, article_id, sentence, DECISIONS, wake, pending=True)
    yield from _check_agreement(decision, latest)


def _is_about_latest(breach: Breach) -> bool:
    return breach.promise in (Promise.ANNOUNCED, Promise.STATE)


def _check_saved(article_id: str, decision: Decision | None, view: TopicView) -> Iterator[Breach]:
    """Check that what was announced is saved.

    Only records read before the store count: later ones may have been saved since.
    """
    saved = decision.revision if decision else 0
    knows = f"the store knows {saved or 'none'}" if decision else "the store has no decision for it"
    history, state = view.history, view.state
    if history and history.checkpoint > saved:
        sentence = f"revision {history.checkpoint} was announced, but {knows}"
        restore = None if decision else RestoreDecision(article_id, history.last)
        yield Breach(Promise.SAVED, article_id, sentence, history.newest.where, restore)
    if state and view.state_checkpoint > saved:
        sentence = f"the latest state is revision {state.revision}, but {knows}"
        yield Breach(Promise.SAVED, article_id, sentence, state.where)


def _check_log(latest: Revision, view: TopicView) -> Iterator[Breach]:
    """Check that the latest revision is in the log, with the bytes that the store has."""
    if view.may_be_gone(latest):
        return
    article_id, history = latest.article_id, view.history
    logged = history.digest(latest.number) if history else None
    if history is None or logged is None:
        revision = f"revision {latest.number} ({latest.kind})"
        sentence = f"{revision} was saved, but is not in {PUBLISHED_LOG}"
        resend = ResendRevision(latest, (PUBLISHED_LOG,))
        yield Breach(Promise.ANNOUNCED, article_id, sentence, DECISIONS, resend)
        return
    _, log_event = build_published_events(latest)
    if logged != digest_record(log_event):
        revision = f"revision {latest.number}"
        sentence = f"{revision} has other bytes in {PUBLISHED_LOG} than in the store"
        newest = history.newest
        where = newest.where if newest.revision == latest.number else WHOLE_LOG
        yield Breach(Promise.LOG, article_id, sentence, where)


def _check_state(latest: Revision, view: TopicView) -> Iterator[Breach]:
    """Check that the state topic ends with the latest revision, or with a tombstone."""
    state = view.state
    resend = ResendRevision(latest, (PUBLISHED_STATE,))
    if state is None:
        if latest.kind != "retracted":  # compaction removes a tombstone after a while
            revision = f"revision {latest.number}"
            sentence = f"{revision} is published, but {PUBLISHED_STATE} has nothing for it"
            yield Breach(Promise.STATE, latest.article_id, sentence, DECISIONS, resend)
        return
    state_event, _ = build_published_events(latest)
    if state.digest == digest_record(state_event):
        return
    if state.revision > latest.number:
        return  # saved since the store was read; if not, _check_saved reports it
    if latest.kind == "retracted":
        sentence = f"it was retracted, but {PUBLISHED_STATE} has {_describe(state)}, no tombstone"
    else:
        ending = f"{PUBLISHED_STATE} ends with {_describe(state)}"
        sentence = f"{ending}, not with revision {latest.number} as it was saved"
    yield Breach(Promise.STATE, latest.article_id, sentence, state.where, resend)


def _describe(state: PublishedRecord) -> str:
    revision = f"revision {state.revision}"
    return f"the tombstone of {revision}" if state.is_tombstone else revision


def _check_gaps(
    latest: Revision, due_revisions: Collection[int], view: TopicView
) -> Iterator[Breach]:
    """Check that the log has every revision below the latest.

    The store no longer has missing ones, unless they are due.
    """
    missing = _find_missing(latest, view)
    where = view.history.newest.where if view.history else WHOLE_LOG
    lost = missing - {*due_revisions}
    if lost:
        sentence = f"revision {format_ranges(lost)} is missing in {PUBLISHED_LOG}"
        yield Breach(Promise.GAPLESS, latest.article_id, sentence, where)
    unannounced = missing & {*due_revisions}
    if unannounced:
        sentence = f"revision {format_ranges(unannounced)} is missing in {PUBLISHED_LOG}"
        yield Breach(Promise.GAPLESS, latest.article_id, sentence, where, pending=True)


def _find_missing(latest: Revision, view: TopicView) -> set[int]:
    history = view.history
    if history is None:
        return set() if view.may_lack_head else set(range(1, latest.number))
    start = history.first if view.may_lack_head else 1
    return {
        *range(start, history.first),
        *history.find_gaps(),
        *range(history.last + 1, latest.number),
    }


def _check_agreement(decision: Decision, latest: Revision) -> Iterator[Breach]:
    """Check that the decision and its latest revision agree."""
    article_id = decision.article_id
    decide_again = DecideAgain(article_id, f"{article_id}.v{decision.version}")
    if decision.revision != latest.number:
        sentence = f"its decision is on revision {decision.revision}, not on {latest.number}"
        yield Breach(Promise.STORE, article_id, sentence, DECISIONS, decide_again)
    if decision.published != (latest.kind != "retracted"):
        sentence = f"its latest revision is {latest.kind}, but published is {decision.published}"
        yield Breach(Promise.STORE, article_id, sentence, DECISIONS, decide_again)
