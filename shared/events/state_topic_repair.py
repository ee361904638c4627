"""Repairs the compacted state topic after a late send.

A process that was stopped, or cut off from Kafka, for longer than its session may send a revision
after its successor has sent the next one. Readers of the log keep the highest revision and are not
misled. In a compacted topic, however, the last record is the one that stays. No process can keep
another's late send out, so every sender looks at the store again after Kafka's acknowledgement: if
the store has a later revision by then, the sender repeats that one to `published.state`. So the
last record there is always the latest revision.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from shared.broker.records import Event
from shared.events.acknowledgements import RevisionAnnounced, StateRepaired
from shared.events.published_events import build_published_events
from shared.store import Revision, Store


async def find_state_repairs(sent: Sequence[Event], store: Store) -> list[Event]:
    """The states to send once more, because the store has later revisions than were *sent*.

    Call it again with what it returned: the store may have moved on meanwhile.
    """
    revisions = _find_latest_revisions(sent)
    if not revisions:
        return []
    decisions = await store.decisions.get(revisions)
    repairs: list[Event] = []
    for article_id, decision in decisions.items():
        latest = decision.latest
        if latest and latest.number > revisions[article_id]:
            repairs.append(_build_state_event(latest))
    return repairs


def _find_latest_revisions(events: Sequence[Event]) -> Mapping[str, int]:
    """The latest revision of each article among *events*."""
    latest: dict[str, int] = {}
    for event in events:
        match event.on_ack:
            case RevisionAnnounced(article_id, revision) | StateRepaired(article_id, revision):
                latest[article_id] = max(revision, latest.get(article_id, 0))
    return latest


def _build_state_event(revision: Revision) -> Event:
    """Its acknowledgement announces nothing: the process that saved the revision does that."""
    _, state = build_published_events(revision)
    return replace(state, on_ack=StateRepaired(revision.article_id, revision.number))
