"""Decides articles as the store knows them, again and again until their decisions stand.

Several processes decide related articles at the same time, each on the last decisions of the
others. A process that has saved a decision therefore reads once more what the decision rests on
(`confirmation.py`), and for what consumers see the pictures and stories too. If anything has
changed, or was decided in a newer version than was read, it decides the article again.

An article waits for its decision until it is known to stand and everything that follows from it is
saved. So wherever a process dies, the redelivered record or the sweep finds the work that remains.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from services.publishing.announcing.drop_times import find_drop_times
from services.publishing.announcing.revisions import plan_outcome_write
from services.publishing.announcing.shown_articles import ShownArticles
from services.publishing.announcing.shown_snapshots import ShownContents, ShownSnapshots
from services.publishing.announcing.story_leads import StoryLeads
from services.publishing.announcing.trace_of_cause import find_trace_of_cause
from services.publishing.deciding.confirmation import apply_saved, find_confirmed
from services.publishing.deciding.decision_inputs import Contest, ContestLoader
from services.publishing.deciding.joint_decision import DecidedContest, decide_together
from services.publishing.deciding.rules import Rules
from services.publishing.wake_ups import wake_outdated_relatives
from shared import failpoints
from shared.broker.records import Event
from shared.clock import Clock
from shared.events.published_events import build_published_events
from shared.store import (
    Decision,
    DecisionWrite,
    Revision,
    Stage,
    Store,
    StoredArticle,
    repeat_until_stable,
)
from shared.views.article_snapshot import ArticleSnapshot

# A stage of enrichment that still works on an article wakes it with an event when it is done.
STAGES: Final[tuple[Stage, ...]] = ("images", "related")
NO_DROP_TIMES: Final[Mapping[str, datetime]] = {}


class Reconciler:
    """Applies *rules* to articles.

    Everything that may change is in the store. In memory it keeps facts of versions of articles.
    """

    def __init__(self, rules: Rules, clock: Clock) -> None:
        self._rules = rules
        self._clock = clock
        shown_articles = ShownArticles()
        self._loader = ContestLoader(shown_articles)
        self._shown_snapshots = ShownSnapshots(shown_articles, rules.max_related)
        self._story_leads = StoryLeads(rules, clock)

    async def reconcile(self, ids: Collection[str], store: Store) -> list[Event]:
        """Decide these articles, and return the events that are to be sent for them.

        The published events come out of the outbox, not from what was decided here: they are all
        revisions of these articles that are saved but not yet announced, including those that an
        earlier call saved before its process died. Events that wake relatives, and the owners of
        stories, follow.

        Articles that a stage of enrichment still works on stay as they are: an event of that stage
        will follow. Waits for the store; on return everything is saved and nothing is sent yet. May
        be repeated at any point, and is to be repeated after a StoreUnavailable.
        """
        follow_ups: dict[tuple[str, str], Event] = {}
        drop_times: dict[str, datetime] = {}

        async def decide(undecided: Sequence[str]) -> list[str]:
            remaining, events = await self._decide(undecided, store, drop_times)
            # What a round leaves in an outbox, the next round finds there too.
            follow_ups.update({(event.topic, event.id): event for event in events})
            return remaining

        await repeat_until_stable(decide, ids, "articles to decide")
        unannounced = await store.decisions.find_unannounced(ids, limit=None)
        return [*build_revision_events(unannounced, drop_times), *follow_ups.values()]

    async def _decide(
        self, ids: Sequence[str], store: Store, drop_times: dict[str, datetime]
    ) -> tuple[list[str], list[Event]]:
        """One round: the ids to decide again, and the events that follow from the others.

        Adds to *drop_times* those of articles that it publishes for the first time.
        """
        contests = await self._loader.load(ids, store)
        ready = [contest for contest in contests.values() if is_ready(contest.article)]
        decided = decide_together(ready, self._rules)
        published = [contest for contest, outcome in decided if outcome.published]
        shown = await self._shown_snapshots.load(published, store)
        writes = self._plan_writes(decided, shown)
        await failpoints.hit("parsed")
        saved = await _save(writes, store)
        drop_times.update(find_drop_times([contest.article for contest in ready], writes))
        current = apply_saved([contest for contest, _ in decided], saved)
        standing = await find_confirmed(_select_saved(current, saved), store)
        # As they were read: those of `current` have the new decisions.
        standing -= {contest.article.id for contest in ready if contest.is_stale}
        standing -= await self._find_outdated(shown, published, standing, store)
        written = [write.decision.article_id for write in writes]
        changed = [article_id for article_id in written if article_id not in standing]
        stable = [contest for contest in current if contest.article.id not in changed]
        lead_events = await self._story_leads.update(stable, store)
        wake_events = await wake_outdated_relatives(stable, changed, store)
        # Last of all: a crash before this leaves the articles waiting, and the sweep wakes them.
        touches = {contest.article.id: contest.article.touches for contest in stable}
        await store.decisions.mark_unchanged(touches)
        await failpoints.hit("decided")
        return changed, [*lead_events, *wake_events]

    def _plan_writes(
        self, decided: Sequence[DecidedContest], shown: ShownContents
    ) -> list[DecisionWrite]:
        """The writes of the decisions that change; *shown* is of those that are published."""
        writes: list[DecisionWrite] = []
        for contest, outcome in decided:
            snapshot = ArticleSnapshot(contest.article, decision=contest.decision)
            if outcome.published:
                snapshot = self._shown_snapshots.build(contest, shown)
            trace = find_trace_of_cause(contest, outcome)
            write = plan_outcome_write(snapshot, outcome, self._rules, self._clock(), trace)
            if write:
                writes.append(write)
        return writes

    async def _find_outdated(
        self,
        shown: ShownContents,
        published: Sequence[Contest],
        standing: Collection[str],
        store: Store,
    ) -> set[str]:
        """The *published* articles, if the store has other pictures or stories than are *shown*.

        Asked only if one of those *standing* has relatives: what changes in the article itself has
        it decided again.
        """
        if not any(contest.links and contest.article.id in standing for contest in published):
            return set()
        if await self._shown_snapshots.load(published, store) == shown:
            return set()
        return {contest.article.id for contest in published}


async def _save(writes: Sequence[DecisionWrite], store: Store) -> dict[str, Decision]:
    """The decisions that were saved, by article; of the others another process saved first."""
    saved: dict[str, Decision] = {}
    if writes:
        for write, is_saved in zip(writes, await store.decisions.save(writes), strict=True):
            if is_saved:
                saved[write.decision.article_id] = write.decision
        await failpoints.hit("saved")
    return saved


def _select_saved(contests: Iterable[Contest], saved: Collection[str]) -> list[Contest]:
    return [contest for contest in contests if contest.article.id in saved]


def is_ready(article: StoredArticle) -> bool:
    """Whether both stages of enrichment have finished with the article."""
    return not article.pending.intersection(STAGES)


def build_revision_events(
    revisions: Iterable[Revision], drop_times: Mapping[str, datetime] = NO_DROP_TIMES
) -> list[Event]:
    """The events of *revisions*; *drop_times* are of articles that were published first now."""
    events: list[Event] = []
    for revision in revisions:
        dropped_at = drop_times.get(revision.article_id) if revision.number == 1 else None
        events += build_published_events(revision, dropped_at)
    return events
