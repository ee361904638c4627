"""Whether what waits is under way, or left behind: waiting for long, with nothing before it in the topics."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta

from services.console.auditing.breaches import Breach, Place, Promise
from services.console.settled import STAGES, TASKS, left
from shared.clock import now
from shared.settings import Settings
from shared.store import Store

MANY = 5_000  # what waits beyond these is reported as pending all the same
SERVICE = {"announcement": "ingest", "images": "images", "related": "related", "decision": "publishing"}


async def judged_by_age(found: Iterable[Breach], settings: Settings, store: Store, grace: timedelta) -> list[Breach]:
    """Pending work of articles that wait for longer than *grace* becomes a breach, once its stage has nothing to read.

    Records that a service has not read yet are added as pending. Raises EngineAway.
    """
    lag = (await left(settings, store)).lag
    judged = list(found)
    if any(one.pending for one in judged):
        late = await _overdue(store, grace, lag)
        judged = [_aged(one, late, grace) if one.pending and one.article_id in late else one for one in judged]
    return [*judged, *_unread(lag)]


async def _overdue(store: Store, grace: timedelta, lag: Mapping[str, int]) -> set[str]:
    """Articles with a task or publication of that age whose service is idle."""
    before = now() - grace
    late: set[str] = set()
    for task in TASKS:
        if not lag[SERVICE[task]]:
            late |= {one.id for one in await store.articles.waiting(task, before, MANY)}
    if not lag["publishing"]:
        late |= {item.article_id for item in await store.decisions.due(limit=MANY) if item.at < before}
    return late


def _aged(one: Breach, late: set[str], grace: timedelta) -> Breach:
    return replace(
        one, pending=False, sentence=f"{one.sentence}; for more than {grace.total_seconds():g} s, and nobody is at it"
    )


def _unread(lag: Mapping[str, int]) -> list[Breach]:
    topics = dict(STAGES)
    return [
        Breach(
            Promise.DECIDED,
            "",
            f"{number} records for {service} are not handled yet",
            Place(topic=topics[service]),
            pending=True,
        )
        for service, number in lag.items()
        if number
    ]
