"""What was overtaken while it was being sent.

A process that was stopped, or cut off from Kafka, past its session may send a revision after its successor has sent
the next. Readers of the log keep the highest revision and are not misled; but of a compacted topic the last record is
what stays. Nobody can keep a late send out, so whoever has sent looks at the store again: if a later revision stands
there, it is sent to `published.state` once more. So whatever comes last there is the latest.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from shared.broker.records import Event, RevisionAnnounced
from shared.broker.topics import PUBLISHED_STATE
from shared.events.catalogue import publication
from shared.store import Publication, Store


def revisions(events: Sequence[Event]) -> dict[str, int]:
    """The latest revision of each article among *events*."""
    latest: dict[str, int] = {}
    for event in events:
        if isinstance(event.settles, RevisionAnnounced):
            settled = event.settles
            latest[settled.article_id] = max(settled.revision, latest.get(settled.article_id, 0))
    return latest


async def overtaken(sent: Mapping[str, int], store: Store) -> list[Publication]:
    """The latest publication of those articles that have a later revision than was *sent*."""
    decisions = await store.decisions.get(sent) if sent else {}
    return [
        d.latest for d in decisions.values() if d.latest and d.latest.revision > sent[d.article_id]
    ]


def states(items: Iterable[Publication]) -> list[Event]:
    """Their records for `published.state`. They settle nothing: whoever saved the revision announces it."""
    events = [event for item in items for event in publication(item)]
    return [replace(event, settles=None) for event in events if event.topic == PUBLISHED_STATE]
