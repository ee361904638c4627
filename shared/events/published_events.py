"""Events that announce a revision of an article's published state."""

from dataclasses import replace
from datetime import datetime

from shared.broker.records import Event
from shared.events.acknowledgements import RevisionAnnounced
from shared.events.cloud_event import build_cloud_event
from shared.events.topics import PUBLISHED_LOG, PUBLISHED_STATE
from shared.store.ports.article.decisions import Revision


def build_published_events(revision: Revision, dropped_at: datetime | None = None) -> list[Event]:
    """The revision for the compacted state topic, then for the log, which is sent after it.

    *dropped_at* is for whoever counts acknowledgements.

    Both carry the same event, unless it is a retraction: then the state topic gets a tombstone,
    which is an event of its own, without data.
    """
    announced = RevisionAnnounced(revision.article_id, revision.number, revision.kind, dropped_at)
    log = _build_event(revision, announced)
    if revision.kind == "retracted":
        return [_build_tombstone(revision, announced), log]
    return [replace(log, topic=PUBLISHED_STATE, phase=0), log]


def _build_event(revision: Revision, announced: RevisionAnnounced) -> Event:
    return build_cloud_event(
        PUBLISHED_LOG,
        key=revision.article_id,
        event_id=f"{revision.article_id}.{revision.number}",
        kind=f"article.{revision.kind}",
        data=revision.data,
        time=revision.at,
        trace=revision.trace,
        phase=1,
        on_ack=announced,
    )


def _build_tombstone(revision: Revision, announced: RevisionAnnounced) -> Event:
    return build_cloud_event(
        PUBLISHED_STATE,
        key=revision.article_id,
        event_id=f"{revision.article_id}.{revision.number}.tombstone",
        kind="article.removed",
        data=None,
        time=revision.at,
        trace=revision.trace,
        on_ack=announced,
    )
