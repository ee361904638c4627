"""Whose statistics of the feed hold while workers of several versions keep them.

By another formula the same articles give other statistics. If each worker published its own over
those of the others, the newest articles would be linked anew without end. So while workers of
several versions run, one formula holds, and the others link by its statistics:

- that of versions which do not number their formula, since they publish over everything;
- otherwise the newest.

A formula whose workers have all ended holds no longer: after an upgrade, or after going back, the
statistics are replaced once. Why: docs/decisions/0063.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from services.enrichment.related.judging.feed_statistics import Formula
from shared.store import FeedSnapshot, Heartbeat
from shared.store.ports.operations.workers import select_live

# The first formula with a number. A worker that does not know this step of the schema has none.
FIRST_NUMBERED: Final = 7


def find_preceding_workers(
    snapshot: FeedSnapshot, heartbeats: Iterable[Heartbeat], at: datetime, own: Formula
) -> list[Heartbeat]:
    """The live workers by whose formula *snapshot* was made, if that one precedes the *own*."""
    live = select_live(heartbeats, "related", at)
    if snapshot.formula > own.number:
        return [beat for beat in live if beat.schema >= snapshot.formula]
    if snapshot.formula == 0:
        return [beat for beat in live if beat.schema < FIRST_NUMBERED]
    return []


def describe_precedence(workers: Iterable[Heartbeat]) -> str:
    """For the log: whose statistics this worker links by, until when, and what to do."""
    names = ", ".join(worker.instance for worker in workers)
    return (
        f"workers of another version keep the statistics of the feed by another formula: {names}."
        " This worker links by their statistics until they have ended. To end that, replace"
        " all workers of related (`seedwire upgrade` lists those of an older version)"
    )
