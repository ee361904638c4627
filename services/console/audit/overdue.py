"""What is under way, and what was left behind: it waits for long, with nothing before it in the topics."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

from services.console.actions.pending_work import STAGES, TASKS
from services.console.audit.breaches import Breach, Place, Promise, kept_in
from shared.clock import now
from shared.store import Store

MANY: Final = 5_000  # what waits beyond these is reported as pending all the same
SERVICE: Final = {
    "announcement": "ingest",
    "images": "images",
    "related": "related",
    "decision": "publishing",
}
UNSETTLED: Final = {
    Promise.ALIASES: ("ingest",),
    Promise.CURRENT: ("images", "related", "publishing"),
}
"""What may seem broken for a moment while these services work on a batch."""


async def judged_by_age(
    found: Iterable[Breach], store: Store, lag: Mapping[str, int], grace: timedelta
) -> list[Breach]:
    """Pending work of articles that wait for longer than *grace* becomes a breach once its service is idle.

    *lag*: records that each service has not handled; they are added as pending. Raises StoreAway.
    """
    judged = [_unsettled(one, lag) for one in found]
    if any(one.pending for one in judged):
        late = await _overdue(store, grace, lag)
        judged = [
            _aged(one, grace) if one.pending and one.article_id in late else one for one in judged
        ]
    return [*judged, *_unread(lag), *await _unlinked(store, grace, lag)]


async def _overdue(store: Store, grace: timedelta, lag: Mapping[str, int]) -> set[str]:
    """Articles with a task or publication of that age whose service is idle."""
    before = now() - grace
    late: set[str] = set()
    for task in TASKS:
        if not lag[SERVICE[task]]:
            late |= {one.id for one in await store.articles.waiting(task, before, MANY)}
    if not lag["publishing"]:
        late |= {
            item.article_id for item in await store.decisions.due(limit=MANY) if item.at < before
        }
    return late


def _unsettled(one: Breach, lag: Mapping[str, int]) -> Breach:
    return (
        replace(one, pending=True)
        if any(lag[name] for name in UNSETTLED.get(one.promise, ()))
        else one
    )


def _aged(one: Breach, grace: timedelta) -> Breach:
    sentence = f"{one.sentence}; for more than {grace.total_seconds():g} s, and nobody is at it"
    return replace(one, pending=False, sentence=sentence)


async def _unlinked(store: Store, grace: timedelta, lag: Mapping[str, int]) -> list[Breach]:
    """Articles whose relatives are to be looked at anew."""
    number, since = (
        (await store.relations.counts())["unsettled"],
        await store.relations.unsettled_since(),
    )
    if since is None:
        return []
    sentence = f"the relatives of {number} articles are to be looked at anew"
    waiting = Breach(Promise.DECIDED, "", sentence, kept_in("relations"), pending=True)
    return [_aged(waiting, grace) if since < now() - grace and not lag["related"] else waiting]


def _unread(lag: Mapping[str, int]) -> list[Breach]:
    topics = dict(STAGES)
    return [
        Breach(
            Promise.DECIDED,
            "",
            f"{number} records are there that {service} has not handled",
            Place(topic=topics[service]),
            pending=True,
        )
        for service, number in lag.items()
        if number
    ]
