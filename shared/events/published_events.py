"""Events that announce a revision of an article's published state."""

from dataclasses import replace

from shared.broker.records import Event
from shared.events.acknowledgements import RevisionAnnounced
from shared.events.cloud_event import build_cloud_event
from shared.events.topics import PUBLISHED_LOG, PUBLISHED_STATE
from shared.store.ports.decisions import Revision


def build_published_events(revision: Revision) -> list[Event]:
    """The revision for the log, and the same for the compacted state topic.

    The state topic holds the latest state of each article, and a tombstone once it is retracted.
    """
    log, state = _build_event(PUBLISHED_LOG, revision), _build_event(PUBLISHED_STATE, revision)
    if revision.kind == "retracted":
        state = replace(state, value=None)
    return [log, state]


def _build_event(topic: str, revision: Revision) -> Event:
    return build_cloud_event(
        topic,
        key=revision.article_id,
        event_id=f"{revision.article_id}.{revision.number}",
        kind=f"article.{revision.kind}",
        data=revision.data,
        time=revision.at,
        on_ack=RevisionAnnounced(revision.article_id, revision.number),
    )
