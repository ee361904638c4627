"""Decides articles as the store knows them, and looks at them again until nothing changes.

Several processes decide related articles at the same time, each on the last decisions of the
others. A process that has saved a decision therefore reads and decides the article once more: it
sees every decision saved before that second look, and a process that saves after it sees this one.

An article waits for its decision until a look at it has changed nothing and everything that follows
from its decision is saved. So wherever a process dies, the redelivered record or the sweep finds
the work that remains.
"""

from collections.abc import Collection, Iterable, Sequence

from services.publishing.revisions import find_outdated_relatives, plan_decision_write
from services.publishing.rules import Rules
from services.publishing.story_leads import update_story_leads
from shared import failpoints
from shared.article_snapshot import ArticleSnapshot, load_snapshots
from shared.broker.records import Event
from shared.clock import Clock
from shared.events.article_events import build_article_enriched
from shared.events.published_events import build_published_events
from shared.store import Revision, Store, repeat_until_stable


class Reconciler:
    """Applies *rules* to articles. It keeps no state of its own; everything is in the store."""

    def __init__(self, rules: Rules, clock: Clock) -> None:
        self._rules = rules
        self._clock = clock

    async def reconcile(self, ids: Collection[str], store: Store) -> list[Event]:
        """Decide these articles, and return the events that are to be sent for them.

        The published events come out of the outbox, not from what was decided here: they are all
        revisions of these articles that are saved but not yet announced, including those that an
        earlier call saved before its process died. Events that wake relatives and announce new
        story leads follow.

        Articles that a stage of enrichment still works on stay as they are: an event of that stage
        will follow. Everything is saved on return. May be repeated at any point, and is to be
        repeated after a StoreUnavailable.
        """
        follow_ups: list[Event] = []

        async def decide(undecided: Sequence[str]) -> list[str]:
            remaining, events = await self._decide(undecided, store)
            follow_ups.extend(events)
            return remaining

        await repeat_until_stable(decide, ids, "articles to decide")
        unannounced = await store.decisions.find_unannounced(ids, limit=None)
        return [*build_revision_events(unannounced), *follow_ups]

    async def _decide(self, ids: Sequence[str], store: Store) -> tuple[list[str], list[Event]]:
        """One round: the ids to decide again, and the events that follow from the others."""
        snapshots = await load_snapshots(store, ids, self._rules.max_related)
        ready = [snapshot for snapshot in snapshots.values() if is_ready(snapshot)]
        changed = await self._save_changes(ready, store)
        stable = [snapshot for snapshot in ready if snapshot.article.id not in changed]
        lead_events = await update_story_leads(stable, store, self._rules, self._clock)
        wake_events = await _wake_outdated_relatives(stable, changed, store)
        await store.decisions.mark_unchanged(
            {snapshot.article.id: snapshot.article.touches for snapshot in stable}
        )
        await failpoints.hit("decided")
        return changed, [*lead_events, *wake_events]

    async def _save_changes(self, ready: Sequence[ArticleSnapshot], store: Store) -> list[str]:
        """Save the decisions that change.

        Returns the ids of these articles, also where another process saved first: both cases need
        another look.
        """
        writes = []
        for snapshot in ready:
            write = plan_decision_write(snapshot, self._rules, self._clock())
            if write:
                writes.append(write)
        await failpoints.hit("parsed")
        if writes:
            await store.decisions.save(writes)
            await failpoints.hit("saved")
        return [write.decision.article_id for write in writes]


def is_ready(snapshot: ArticleSnapshot) -> bool:
    """Whether both stages of enrichment have finished with the article."""
    return not snapshot.article.pending & {"images", "related"}


def build_revision_events(revisions: Iterable[Revision]) -> list[Event]:
    events: list[Event] = []
    for revision in revisions:
        events += build_published_events(revision)
    return events


async def _wake_outdated_relatives(
    stable: Sequence[ArticleSnapshot], changed: Collection[str], store: Store
) -> list[Event]:
    """Touch the relatives whose decisions rest on an outdated lead; returns the events for them.

    Relatives among *changed* are left out, because the next round decides them anyway.
    """
    woken = []
    for snapshot in stable:
        for relative_id in find_outdated_relatives(snapshot):
            if relative_id not in changed:
                woken.append((relative_id, snapshot))
    if woken:
        await store.articles.touch({relative_id for relative_id, _ in woken})
        await failpoints.hit("woken")
    return [build_wake_up(relative_id, _cause(snapshot)) for relative_id, snapshot in woken]


def build_wake_up(article_id: str, cause: str) -> Event:
    """Publishing's event to itself: the owner of the article's partition is to decide it."""
    return build_article_enriched(article_id, "publishing", cause)


def _cause(snapshot: ArticleSnapshot) -> str:
    """Names the decision because of which relatives are woken."""
    stamp = snapshot.decision.stamp if snapshot.decision else 0
    return f"{snapshot.article.id}.d{stamp}"
