"""What publishing does with a batch of records, in its sweep, and for a new Kafka cluster."""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from services.publishing.deciding.reconciler import STAGES, Reconciler, build_revision_events
from services.publishing.wake_ups import build_wake_up
from shared.broker.records import Event, Record
from shared.clock import Clock
from shared.events.article_events import name_wake_up, read_article_ids
from shared.events.stories.story_events import build_story_events
from shared.events.stories.story_wake_ups import StoryWakeUpFilter, is_story_wake_up, read_story_ids
from shared.store import Decision, Revision, Store, StoredArticle, pages
from shared.store.failed_tasks import FailedTask, forget_failures, load_failed

RESEND_PAGE: Final = 100  # articles: their events have up to 1 MB each, twice


class PublishingHandler:
    """Every method returns events to send, and may be repeated at any point."""

    def __init__(self, reconciler: Reconciler, clock: Clock, overdue_seconds: float) -> None:
        self._reconciler = reconciler
        self._clock = clock
        self._overdue = timedelta(seconds=overdue_seconds)
        self._wake_ups = StoryWakeUpFilter()

    async def handle(self, records: Sequence[Record], store: Store) -> list[Event]:
        """Decide the articles that these `articles.enriched` records name, announce the stories."""
        story_records = [record for record in records if is_story_wake_up(record)]
        article_records = [record for record in records if not is_story_wake_up(record)]
        events = await self._reconciler.reconcile(read_article_ids(article_records), store)
        story_events = await _announce_stories(read_story_ids(story_records), store)
        return self._wake_ups.select([*story_events, *events])

    async def sweep(self, store: Store) -> list[Event]:
        """Wake the articles whose decision or announcement is overdue.

        The sweep decides and announces nothing itself: only the owner of an article's partition
        does, or a revision could be sent after a newer one. Every wake-up is an event of its own,
        and an article is not woken again before it is overdue again.
        """
        at = self._clock()
        before = at - self._overdue
        failed = await self._review_failures(store)
        waiting = await store.articles.find_waiting("decision", before, unless=STAGES)
        unannounced = await store.decisions.find_unannounced(saved_before=before)
        overdue: list[Revision] = []
        for revision in unannounced:
            if _is_due(failed.get(revision.article_id), before):
                overdue.append(revision)
        await store.articles.postpone("decision", {article.id: at for article in waiting})
        return [*_wake_undecided(waiting, at), *_wake_unannounced(overdue, at)]

    async def _review_failures(self, store: Store) -> Mapping[str, FailedTask]:
        """The articles whose decision failed; those that are done since are forgotten."""
        failed = await load_failed("decision", store)
        unfinished = {*await store.articles.get_pending_versions("decision", failed)}
        if failed:
            unannounced = await store.decisions.find_unannounced([*failed], limit=None)
            unfinished.update(revision.article_id for revision in unannounced)
        finished = [task for task in failed.values() if task.article_id not in unfinished]
        await forget_failures(finished, store, "publishing", self._clock())
        return failed

    async def resend(self, store: Store) -> AsyncIterator[list[Event]]:
        """For a new cluster with empty topics: the latest revision of every article ever published.

        Retractions are included: a consumer that kept its data learns from them what it missed
        when the old cluster was lost.
        """
        async for page in pages(store.decisions.list_page, RESEND_PAGE):
            article_ids = [decision.article_id for decision in page]
            unannounced = await store.decisions.find_unannounced(article_ids, limit=None)
            yield build_revision_events(_add_latest(unannounced, page))
        at = self._clock()
        waiting = await store.articles.find_waiting("decision", at, unless=STAGES)
        yield _wake_undecided(waiting, at)  # the sweep wakes the others if these are not all


async def _announce_stories(story_ids: Collection[str], store: Store) -> list[Event]:
    """All versions of these stories that are not announced yet, in their order."""
    if not story_ids:
        return []
    return build_story_events(await store.stories.find_unannounced(story_ids, limit=None))


def _add_latest(unannounced: Sequence[Revision], decisions: Iterable[Decision]) -> list[Revision]:
    """The unannounced revisions, and the latest revision of every article that has none of them."""
    revisions = [*unannounced]
    for decision in decisions:
        if decision.latest and decision.latest not in unannounced:
            revisions.append(decision.latest)
    return revisions


def _is_due(failed: FailedTask | None, before: datetime) -> bool:
    return failed is None or failed.retry_at < before


def _wake_undecided(articles: Iterable[StoredArticle], at: datetime) -> list[Event]:
    events: list[Event] = []
    for article in articles:
        cause = f"{article.id}.v{article.version}{name_wake_up(at)}"
        events.append(build_wake_up(article.id, cause, at, article.trace))
    return events


def _wake_unannounced(revisions: Iterable[Revision], at: datetime) -> list[Event]:
    latest = {revision.article_id: revision for revision in revisions}
    events: list[Event] = []
    for article_id, revision in latest.items():
        cause = f"{article_id}.r{revision.number}{name_wake_up(at)}"
        events.append(build_wake_up(article_id, cause, at, revision.trace))
    return events
