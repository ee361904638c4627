"""Decides articles as the store knows them, and looks at them again until nothing changes.

Several processes decide related articles at the same time, each on the last decisions of the
others. A process that has saved a decision therefore reads and decides the article once more: it
sees every decision saved before that second look, and a process that saves after it sees this one.
An article that has no relatives before and after the write needs no second look: whoever links it
later has the other article decided after that.

An article waits for its decision until a look at it has changed nothing and everything that follows
from its decision is saved. So wherever a process dies, the redelivered record or the sweep finds
the work that remains.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from services.publishing.announcing.drop_times import find_drop_times
from services.publishing.announcing.revisions import plan_outcome_write
from services.publishing.announcing.shown_articles import ShownArticles
from services.publishing.announcing.story_leads import StoryLeads
from services.publishing.announcing.trace_of_cause import find_trace_of_cause
from services.publishing.deciding.decision import Outcome, decide
from services.publishing.deciding.decision_inputs import Contest, ContestLoader
from services.publishing.deciding.ranking import Contender
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
from shared.views.article_snapshot import ArticleSnapshot, Relative, add_images

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
        self._shown_articles = ShownArticles()
        self._loader = ContestLoader(self._shown_articles)
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
        writes, saved = await self._save_changes(ready, store)
        drop_times.update(find_drop_times([contest.article for contest in ready], writes))
        alone = await _find_alone(ready, saved, store)
        changed = [write.decision.article_id for write in writes]
        changed = [article_id for article_id in changed if article_id not in alone]
        stable = [contest for contest in ready if contest.article.id not in changed]
        stable = [alone.get(contest.article.id, contest) for contest in stable]
        lead_events = await self._story_leads.update(stable, store)
        wake_events = await wake_outdated_relatives(stable, changed, store)
        # Last of all: a crash before this leaves the articles waiting, and the sweep wakes them.
        touches = {contest.article.id: contest.article.touches for contest in stable}
        await store.decisions.mark_unchanged(touches)
        await failpoints.hit("decided")
        return changed, [*lead_events, *wake_events]

    async def _save_changes(
        self, ready: Sequence[Contest], store: Store
    ) -> tuple[list[DecisionWrite], dict[str, Decision]]:
        """Save the decisions that change.

        Returns their writes, also where another process saved first, and the decisions that were
        saved, by article.
        """
        outcomes: dict[str, Outcome] = {}
        for contest in ready:
            outcome = decide(contest.contender, contest.relatives, self._rules)
            outcomes[contest.article.id] = outcome
        published = [contest for contest in ready if outcomes[contest.article.id].published]
        snapshots = await self._load_shown(published, store)
        writes: list[DecisionWrite] = []
        for contest in ready:
            shown = snapshots.get(contest.article.id, ArticleSnapshot(contest.article))
            snapshot = replace(shown, decision=contest.decision)
            outcome = outcomes[contest.article.id]
            trace = find_trace_of_cause(contest, outcome)
            write = plan_outcome_write(snapshot, outcome, self._rules, self._clock(), trace)
            if write:
                writes.append(write)
        await failpoints.hit("parsed")
        saved: dict[str, Decision] = {}
        if writes:
            for write, is_saved in zip(writes, await store.decisions.save(writes), strict=True):
                if is_saved:
                    saved[write.decision.article_id] = write.decision
            await failpoints.hit("saved")
        return writes, saved

    async def _load_shown(
        self, published: Sequence[Contest], store: Store
    ) -> dict[str, ArticleSnapshot]:
        """What consumers see of these articles, and of those of their relatives that are shown."""
        versions: dict[str, int] = {}
        for contest in published:
            for contender in [contest.contender, *self._best_relatives(contest)]:
                versions[contender.id] = contender.version
        articles = await self._shown_articles.load(versions, store)
        story_ids = await store.stories.get_story_ids([contest.article.id for contest in published])
        snapshots = []
        for contest in published:
            relatives = []
            for contender in self._best_relatives(contest):
                link = contest.links[contender.id]
                article = articles[contender.id]
                relatives.append(Relative(article, link.score, pinned=link.pinned))
            article = articles[contest.article.id]
            in_story = story_ids.get(article.id, "")
            snapshots.append(ArticleSnapshot(article, tuple(relatives), in_story=in_story))
        return await add_images(snapshots, store, self._rules.max_related)

    def _best_relatives(self, contest: Contest) -> Sequence[Contender]:
        return contest.relatives[: self._rules.max_related]


async def _find_alone(
    ready: Iterable[Contest], saved: Mapping[str, Decision], store: Store
) -> dict[str, Contest]:
    """Those without relatives whose decision was *saved*, each with it, by article.

    The links are read once more, after the decision was saved.
    """
    alone: dict[str, Contest] = {}
    for contest in ready:
        decision = saved.get(contest.article.id)
        if decision is not None and not contest.links:
            alone[contest.article.id] = replace(contest, decision=decision)
    for link in await store.links.list_around(alone) if alone else ():
        alone.pop(link.a, None)
        alone.pop(link.b, None)
    return alone


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
