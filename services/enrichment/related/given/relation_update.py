"""Brings links and stories up to date with what the seeds and the editors say.

Another worker may do the same around the same articles. So a worker that has written something
looks again, until a fresh look finds nothing to write: it sees what was saved before that look, and
a worker that saves later looks after that.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from services.enrichment.related.given.given_links import (
    LinkChanges,
    find_given_pairs,
    plan_links,
)
from services.enrichment.related.given.story_plan import plan_stories, write_stories
from services.enrichment.related.linking.recompute import RecomputeResult
from services.enrichment.related.stories.overrides import load_overrides, resolve_overrides
from shared import failpoints
from shared.clock import Clock
from shared.store import DirtyMark, Store, repeat_until_stable

LEASE: Final = timedelta(seconds=20)


@dataclass
class _ChangedStories:
    """The stories around all rounds, and the articles to decide again because of them."""

    ids: set[str] = field(default_factory=set)
    woken: dict[str, str] = field(default_factory=dict)


class RelationUpdater:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def update(self, ids: Collection[str], store: Store) -> RecomputeResult:
        """Write the relations of these articles, and complete the stage for them.

        The stage is also completed for those who lost a relation. Whom a new relation concerns is
        publishing's to find out: in a large group that is the lead alone. Raises StoreUnavailable.
        May be repeated at any point.
        """
        completing = {*ids}
        marks: list[DirtyMark] = []
        stories = _ChangedStories()

        async def write_round(remaining: Sequence[str]) -> Sequence[str]:
            changes = await _plan_links(remaining, store)
            marks.extend(await self._reopen(changes, completing, store))
            completing.update(changes.removed_ids)
            is_final = await self._write(remaining, changes, stories, store)
            return () if is_final else remaining

        await repeat_until_stable(write_round, ids, "articles to relate")
        completed = await _complete_stage(completing, store)
        await store.neighbourhoods.clear_dirty(marks)
        return RecomputeResult(completed, stories.ids, stories.woken)

    async def _reopen(
        self, changes: LinkChanges, completing: Collection[str], store: Store
    ) -> list[DirtyMark]:
        """Make those wait whose relations are about to change, so that a crash leaves them waiting.

        Those who only gain a relation to one of *completing* need not wait: it is decided, and
        publishing wakes whom it concerns.
        """
        if not changes.changed_ids:
            return []
        others = changes.removed_ids.difference(completing)
        marks = await store.neighbourhoods.mark_and_claim(others, self._clock(), LEASE)
        reopened = changes.removed_ids.union(changes.changed_ids.intersection(completing))
        await store.articles.reopen_stage("related", reopened)
        await failpoints.hit("stage-reopened")
        return marks

    async def _write(
        self, ids: Sequence[str], changes: LinkChanges, stories: _ChangedStories, store: Store
    ) -> bool:
        """Write links and stories; returns whether there was nothing to write.

        Links are removed last: while they are there, a repeat knows that a story comes apart.
        """
        await store.links.save([*changes.saved])
        await failpoints.hit("links-saved")
        planned = await plan_stories(ids, changes, store)
        stories.ids |= planned.story_ids
        written = await write_stories(planned, store, self._clock)
        stories.woken |= written.woken
        await failpoints.hit("stories-saved")
        if not written.is_saved:
            return False
        await store.links.save([], changes.removed)
        return not (changes.changed_ids or planned.moves)


async def _plan_links(ids: Collection[str], store: Store) -> LinkChanges:
    # Read what is linked first: whatever is saved later is seen, or is for the next look.
    existing = await store.links.list_around(ids)
    given = await find_given_pairs(ids, store)
    constraints = resolve_overrides(await load_overrides(ids, store))
    return plan_links({*ids}, given, existing, constraints)


async def _complete_stage(ids: Collection[str], store: Store) -> dict[str, int]:
    """Complete the stage for those of *ids* that wait for it with the version that was handled."""
    waiting = await store.articles.get_pending_versions("related", ids)
    handled = await store.signatures.get_versions(waiting)
    done: dict[str, int] = {}
    for article_id, version in waiting.items():
        if handled.get(article_id) == version:
            done[article_id] = version
    await store.articles.complete_stage("related", done, done)
    return done
