"""Tells work under way from work that was left behind.

Work was left behind if it has waited for longer than the grace period although its service has
no unread records, or if a process of its service has stood still for so long.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

from services.console.actions.articles.set_aside import describe_failure, load_failed_tasks
from services.console.actions.operations.pending_work import SERVICE_OF, TASKS
from services.console.actions.operations.standstill import LIVE_STATES, find_standstills
from services.console.audit.breaches import Breach, Place, Promise, store_place
from services.console.counts import format_count
from services.console.sampling.stages import STAGES
from services.console.sampling.worker_states import state_of
from shared.clock import now
from shared.store import Heartbeat, Store
from shared.store.failed_tasks import FailedTask

MAX_OVERDUE: Final = 5_000  # overdue items read of each kind; any beyond these stay pending
BUSY_SERVICES: Final = {
    Promise.ALIASES: ("ingest",),
    Promise.CURRENT: ("images", "related", "publishing"),
}
"""Promises that may seem broken for a moment while one of these services handles a batch."""


async def reclassify_by_age(
    found: Iterable[Breach], store: Store, lag: Mapping[str, int], grace: timedelta
) -> list[Breach]:
    """Turn pending work into a breach once it is overdue and its service is idle.

    *lag* is the number of records that each service has not handled; they are added as pending
    work. Raises StoreUnavailable.
    """
    breaches = [_mark_pending_if_busy(breach, lag) for breach in found]
    if any(breach.pending for breach in breaches):
        overdue = await _find_overdue_articles(store, grace, lag)
        breaches = [_mark_if_overdue(breach, overdue, grace) for breach in breaches]
        failed = await load_failed_tasks(store)
        breaches = [_explain_failure(breach, failed) for breach in breaches]
    return [
        *breaches,
        *_report_lag(lag),
        *await _report_dirty_marks(store, grace, lag),
        *await _report_standstills(store, grace, lag),
    ]


async def _find_overdue_articles(
    store: Store, grace: timedelta, lag: Mapping[str, int]
) -> set[str]:
    """Find articles with an overdue task or revision, and stories with an overdue event.

    Only those whose service is idle.
    """
    before = now() - grace
    overdue: set[str] = set()
    for task in TASKS:
        if not lag[SERVICE_OF[task]]:
            waiting = await store.articles.find_waiting(task, before, MAX_OVERDUE)
            overdue |= {article.id for article in waiting}
    if not lag["publishing"]:
        unannounced = store.decisions.find_unannounced(saved_before=before, limit=MAX_OVERDUE)
        overdue |= {revision.article_id for revision in await unannounced}
        story_events = store.stories.find_unannounced(saved_before=before, limit=MAX_OVERDUE)
        overdue |= {event.story_id for event in await story_events}
    return overdue


def _mark_pending_if_busy(breach: Breach, lag: Mapping[str, int]) -> Breach:
    services = BUSY_SERVICES.get(breach.promise, ())
    if any(lag[service] for service in services):
        return replace(breach, pending=True)
    return breach


def _mark_if_overdue(breach: Breach, overdue: set[str], grace: timedelta) -> Breach:
    if breach.pending and not overdue.isdisjoint({breach.article_id, breach.story_id}):
        return _mark_overdue(breach, grace)
    return breach


def _explain_failure(breach: Breach, failed: Mapping[str, list[FailedTask]]) -> Breach:
    """Say of pending work that it failed; it is a breach once it is set aside."""
    tasks = failed.get(breach.article_id)
    if not tasks or not breach.pending:
        return breach
    sentence = f"{breach.sentence}; {'; '.join(map(describe_failure, tasks))}"
    is_pending = not any(task.is_set_aside for task in tasks)
    return replace(breach, sentence=sentence, pending=is_pending)


def _mark_overdue(breach: Breach, grace: timedelta) -> Breach:
    seconds = f"{grace.total_seconds():g} s"
    sentence = f"{breach.sentence}; it has waited for more than {seconds} while the service is idle"
    return replace(breach, pending=False, sentence=sentence)


async def _report_dirty_marks(
    store: Store, grace: timedelta, lag: Mapping[str, int]
) -> list[Breach]:
    """Report articles whose neighbourhood waits to be recomputed."""
    count = await store.neighbourhoods.count_dirty()
    since = await store.neighbourhoods.get_dirty_since()
    if since is None:
        return []
    articles = format_count(count, "article")
    sentence = f"the neighbourhoods of {articles} still have to be recomputed"
    pending = Breach(Promise.DECIDED, "", sentence, store_place("neighbourhoods"), pending=True)
    if since < now() - grace and not lag["related"]:
        return [_mark_overdue(pending, grace)]
    return [pending]


async def _report_standstills(
    store: Store, grace: timedelta, lag: Mapping[str, int]
) -> list[Breach]:
    """Report processes that have stood still for longer than *grace*, and halted services."""
    at = now()
    heartbeats = await store.workers.list_heartbeats()
    processes = [(heartbeat, state_of(heartbeat, at)) for heartbeat in heartbeats]
    standstills = find_standstills(processes, {}, at, grace)
    sentences = [standstill.sentence for standstill in standstills]
    sentences += _describe_halted(processes, lag)
    place = store_place("workers")
    return [Breach(Promise.DECIDED, "", sentence, place) for sentence in sentences]


def _describe_halted(
    processes: Iterable[tuple[Heartbeat, str]], lag: Mapping[str, int]
) -> Iterator[str]:
    """Services that ended for good although records wait for them."""
    by_service: dict[str, list[tuple[Heartbeat, str]]] = {}
    for heartbeat, state in processes:
        by_service.setdefault(heartbeat.service, []).append((heartbeat, state))
    for service, members in by_service.items():
        states = {state for _, state in members}
        if lag.get(service) and "halted" in states and not states.intersection(LIVE_STATES):
            notes = [heartbeat.note for heartbeat, state in members if state == "halted"]
            records = format_count(lag[service], "record waits", "records wait")
            yield f"{service} has halted, and {records} for it: {notes[0]}"


def _report_lag(lag: Mapping[str, int]) -> list[Breach]:
    topics = dict(STAGES)
    breaches = []
    for service, number in lag.items():
        if number:
            sentence = f"{service} has {format_count(number, 'record')} still to handle"
            place = Place(topic=topics[service])
            breaches.append(Breach(Promise.DECIDED, "", sentence, place, pending=True))
    return breaches
