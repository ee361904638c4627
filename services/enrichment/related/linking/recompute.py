"""Recomputes the links and stories in neighbourhoods that changed.

Links and stories follow from neighbour lists and the statistics of the feed. A worker that changes
a neighbour list marks its article as dirty afterwards, and so does one that changes the statistics.
A worker that recomputes clears the mark only once everything is written and what it read is still
unchanged. So wherever a process dies the mark stays, and of two workers that recompute one
neighbourhood at once the one that read later prevails.

An article whose relatives are about to change waits for the stage *related* again, from before they
are written until its change is announced. So no change is announced in part, even after a crash.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from services.enrichment.related.features.feature_cache import FeatureCaches
from services.enrichment.related.judging.judge import Judge
from services.enrichment.related.judging.neighbour_list_cache import NeighbourListCache
from services.enrichment.related.linking.feed_keeper import FeedKeeper
from services.enrichment.related.linking.link_update import LEASE, LinkUpdater
from services.enrichment.related.linking.neighbourhood import Neighbourhood
from services.enrichment.related.linking.story_assignment import (
    assign_stories,
    has_only_assigned_members,
    write_stories,
)
from services.enrichment.related.linking.thresholds import Thresholds
from shared import failpoints
from shared.clock import Clock
from shared.runtime.memory import release_free_memory
from shared.store import DirtyMark, Store

MAX_LISTS: Final = 15_000  # some 2 KB each: more than two days of a busy feed
# Of two rounds as large as this each would look at the same articles and undo the other's moves.
MAX_CLAIMED: Final = 500


@dataclass(frozen=True)
class RecomputeResult:
    """What a round changed.

    *undecided* are the articles to decide. *story_ids* are the stories of the neighbourhood, new
    and previous ones. *woken* has articles to decide again because of their stories, each with its
    story. *articles* is how many were recomputed together.
    """

    undecided: Collection[str] = ()
    story_ids: Collection[str] = ()
    woken: Mapping[str, str] = field(default_factory=dict)
    articles: int = 0


class Recomputer:
    """Claims dirty articles and recomputes around them. Any number of workers may do so at once."""

    def __init__(
        self,
        thresholds: Thresholds,
        judge: Judge,
        caches: FeatureCaches,
        feed: FeedKeeper,
        clock: Clock,
    ) -> None:
        self._thresholds = thresholds
        self._judge = judge
        self._caches = caches
        self._feed = feed
        self._clock = clock
        self._link_updater = LinkUpdater(thresholds)
        self._lists = NeighbourListCache()
        self._has_large_round = False

    async def recompute(self, store: Store, limit: int) -> RecomputeResult | None:
        """Recompute around up to *limit* dirty articles.

        Returns None if there are none, or if a round of more than `MAX_CLAIMED` is in hand: one of
        this worker also when its claims have run out. If what was read changed meanwhile the
        articles are marked again. Raises StoreUnavailable, and may then be repeated: the marks
        stay.
        """
        if self._has_large_round:
            return None
        if await store.neighbourhoods.count_claimed(self._clock()) > MAX_CLAIMED:
            return None
        marks = await store.neighbourhoods.claim_dirty(self._clock(), LEASE, limit)
        if len(marks) <= MAX_CLAIMED:
            return await self._recompute_around(marks, store) if marks else None
        self._has_large_round = True
        release_free_memory()
        try:
            return await self._recompute_around(marks, store)
        finally:
            self._has_large_round = False

    async def _recompute_around(self, marks: Sequence[DirtyMark], store: Store) -> RecomputeResult:
        ids = {mark.article_id for mark in marks}
        # Read after the marks were claimed: new statistics are published before their marks.
        statistics = await self._feed.load(store)
        neighbourhood = Neighbourhood(
            self._current_lists(), self._caches.get(), self._judge, statistics, store
        )
        await neighbourhood.explore(ids, self._thresholds.event, self._thresholds.max_articles)
        assignment = await assign_stories(neighbourhood, self._thresholds, store)
        undecided = await self._link_updater.update(ids, neighbourhood, store)
        written = await write_stories(assignment, neighbourhood, store, self._clock)
        await failpoints.hit("stories-saved")
        is_current = (
            written.is_saved
            and await neighbourhood.is_unchanged(ids)
            and await has_only_assigned_members(assignment, store)
        )
        if is_current:
            await store.neighbourhoods.clear_dirty(marks)
        else:
            await store.neighbourhoods.mark_dirty(ids, self._clock())
        size = len(neighbourhood.inside)
        return RecomputeResult(undecided, assignment.story_ids, written.woken, size)

    def _current_lists(self) -> NeighbourListCache:
        """The cached neighbour lists, or none once there are too many."""
        if len(self._lists) > MAX_LISTS:
            self._lists = NeighbourListCache()
        return self._lists
