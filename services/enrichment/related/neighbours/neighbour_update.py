"""Finds the neighbours of a batch of articles in the whole store, and updates the neighbour lists.

The signatures of the batch are saved before anyone looks for candidates. So of two articles in
flight at least one sees the other, in whatever order they arrive and whichever workers handle them.
After writing, the versions of all signatures involved are checked: articles that have a newer one
are compared again.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from services.enrichment.related.features.feature_cache import FeatureCache, FeatureCaches
from services.enrichment.related.features.id_index import split_ids
from services.enrichment.related.judging.judge import Judge
from services.enrichment.related.neighbours.candidate_search import CandidateSearch
from services.enrichment.related.neighbours.neighbour_comparison import Changes, NeighbourComparison
from services.enrichment.related.neighbours.neighbour_lists import BEST, merge_entries
from shared import failpoints
from shared.clock import Clock
from shared.store import Neighbour, Signature, Store, repeat_until_stable

Entries = dict[str, dict[str, Neighbour]]
"""By article and other article."""


class NeighbourUpdater:
    """Puts articles into each other's neighbour lists. Any number of workers may do so at once."""

    def __init__(
        self, search: CandidateSearch, judge: Judge, caches: FeatureCaches, clock: Clock
    ) -> None:
        self._search = search
        self._judge = judge
        self._caches = caches
        self._clock = clock

    async def update(self, signatures: Sequence[Signature], store: Store) -> None:
        """Save *signatures*, update neighbour lists, and mark articles whose neighbourhood changed.

        Raises StoreUnavailable, and may then be repeated.
        """
        await store.signatures.save(signatures)
        await failpoints.hit("signatures-saved")
        features = self._caches.get()
        features.add(signatures)

        async def update(remaining: Sequence[Signature]) -> Sequence[Signature]:
            compared = await self._update_once(remaining, features, store)
            return await _load_changed(compared, store)

        await repeat_until_stable(update, signatures, "signatures around new articles")

    async def _update_once(
        self, signatures: Sequence[Signature], features: FeatureCache, store: Store
    ) -> dict[str, int]:
        """Compare *signatures* with their candidates and write the changes.

        Returns the articles with a change, and the versions that were compared. A new article that
        becomes a candidate meanwhile finds these articles itself, since their signatures are saved.
        """
        ids = [signature.article_id for signature in signatures]
        found = await store.signatures.find_candidates(
            signatures, self._search.window, self._search.per_term
        )
        existing = await _load_existing_entries(ids, store)
        new: dict[str, set[str]] = {}
        for article_id, candidates in zip(ids, found, strict=True):
            candidates.difference_update(existing[article_id])
            new[article_id] = candidates
        involved = {*ids}.union(*new.values(), *existing.values())
        numbers = await features.load(involved, store)
        comparison = NeighbourComparison(self._search, self._judge, features, numbers)
        candidates = set[str]().union(*new.values())
        limits = await store.neighbour_lists.get_scores_at(BEST - 1, candidates)
        changes = comparison.compare(new, existing, limits)
        versions: dict[str, int] = {}
        for article_id in changes:
            if article_id in numbers:
                versions[article_id] = features.versions[numbers[article_id]]
        await self._write(changes, existing, store)
        return versions

    async def _write(self, changes: Changes, existing: Entries, store: Store) -> None:
        """Write *changes*, and mark the articles affected before and after.

        Articles that lose an entry, or get another one for it, are marked before: a repeat
        would no longer see the change.
        """
        ends = _find_ends_of_changes(changes, existing)
        await store.neighbourhoods.mark_dirty(ends, self._clock())
        affected = await store.neighbour_lists.update(changes, merge_entries)
        await failpoints.hit("neighbours-saved")
        await store.neighbourhoods.mark_dirty(affected.union(existing), self._clock())


async def _load_existing_entries(ids: Collection[str], store: Store) -> Entries:
    """Load the entries between these articles and others, from either end.

    A full list drops entries while the other end still has them. Those are looked for where they do
    harm: in the article's story, and among the articles linked to it.
    """
    entries = await store.neighbour_lists.get_entries(ids)
    connections = await _load_connections(ids, store)
    # Thousands, if many of these articles are in large stories and come again.
    for part in split_ids([*connections.list_others()]):
        lists = await store.neighbour_lists.get_entries(part)
        for other, listed in lists.items():
            for article_id in listed.keys() & entries.keys():
                if connections.has(article_id, other):
                    entries[article_id][other] = listed[article_id]
    return entries


class _Connections(NamedTuple):
    """The articles that are linked to each of some articles, or in one story with it."""

    linked: Mapping[str, Collection[str]]
    story_of: Mapping[str, str]
    members: Mapping[str, Collection[str]]

    def has(self, article_id: str, other: str) -> bool:
        """Whether these two are connected."""
        story_id = self.story_of.get(article_id, "")
        return other in self.linked[article_id] or other in self.members.get(story_id, ())

    def list_others(self) -> set[str]:
        """All articles that any is connected with."""
        stories = [story for story in self.members.values() if len(story) > 1]
        return set[str]().union(*self.linked.values(), *stories)


async def _load_connections(ids: Collection[str], store: Store) -> _Connections:
    linked: dict[str, set[str]] = {}
    for article_id, links in (await store.links.get(ids)).items():
        linked[article_id] = {link.other(article_id) for link in links}
    story_of = await store.stories.get_story_ids(ids)
    members = await store.stories.get_members({*story_of.values()})
    return _Connections(linked, story_of, members)


def _find_ends_of_changes(changes: Changes, existing: Entries) -> set[str]:
    """Find both articles of each existing entry that is dropped or replaced by another."""
    ends: set[str] = set()
    for article_id, entries in existing.items():
        for other, neighbour in entries.items():
            if changes[article_id].get(other, neighbour) != neighbour:
                ends.update((article_id, other))
    return ends


async def _load_changed(compared: Mapping[str, int], store: Store) -> list[Signature]:
    """Load the signatures that have another version now than the one that was compared."""
    versions = await store.signatures.get_versions(compared)
    changed: list[str] = []
    for article_id, version in versions.items():
        if version != compared[article_id]:
            changed.append(article_id)
    signatures = await store.signatures.get(changed) if changed else {}
    return list(signatures.values())
