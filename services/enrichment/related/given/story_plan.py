"""Which stories the clusters of given relations are, and how that is written."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from itertools import chain

from services.enrichment.related.given.clusters import cluster_connected
from services.enrichment.related.given.given_links import LinkChanges
from services.enrichment.related.stories.overrides import (
    OverrideConstraints,
    Pair,
    load_overrides,
    resolve_overrides,
)
from services.enrichment.related.stories.story_ids import assign_story_ids, initial_story_id
from services.enrichment.related.stories.story_snapshots import (
    SnapshotWrite,
    write_story_snapshots,
)
from shared.clock import Clock
from shared.store import Override, Store, StoryMove


@dataclass
class _Surroundings:
    """Whole stories around a change, and the overrides that concern them."""

    story_of: dict[str, str] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)
    overrides: list[Override] = field(default_factory=list)
    constraints: OverrideConstraints = field(default_factory=OverrideConstraints)

    async def include(self, ids: Collection[str], store: Store) -> None:
        """Add *ids*, the rest of their stories, and the partners that editors gave them."""
        frontier = {*ids} - self.ids
        while frontier:
            self.ids |= frontier
            self.story_of |= await store.stories.get_story_ids(frontier)
            story_ids = {self.story_of[member] for member in frontier & self.story_of.keys()}
            members = await store.stories.get_members(story_ids)
            found: set[str] = set()
            for story_id, article_ids in members.items():
                self.story_of |= dict.fromkeys(article_ids, story_id)
                found |= article_ids
            self.overrides = await load_overrides(self.ids | found, store)
            self.constraints = resolve_overrides(self.overrides)
            frontier = (found | self.constraints.find_partners(self.ids | found)) - self.ids


@dataclass(frozen=True)
class StoryPlan:
    """The stories of the articles around a change, and the moves that lead there."""

    story_of: Mapping[str, str]
    moves: Collection[StoryMove]
    story_ids: frozenset[str]  # new and previous ones
    overrides: Collection[Override]


async def plan_stories(ids: Collection[str], changes: LinkChanges, store: Store) -> StoryPlan:
    """The stories of *ids* and of all that is connected to them, after *changes*."""
    around = _Surroundings()
    linked_ids = set(chain.from_iterable(changes.links))
    await around.include({*ids, *linked_ids, *changes.removed_ids}, store)
    if changes.removed or around.constraints.cannot_link:
        pairs = await _load_pairs(around, changes, store)
    else:
        # Nothing comes apart: whoever is in one story stays there, and the new links suffice.
        pairs = {*changes.links, *_chain_stories(around.story_of)}
    clusters = cluster_connected(around.ids, pairs, around.constraints)
    known_ids = around.ids & around.story_of.keys()
    previous = {article_id: around.story_of[article_id] for article_id in known_ids}
    new_ids = {initial_story_id(min(cluster)) for cluster in clusters}
    known = await store.stories.get(new_ids.union(previous.values()))
    story_of = assign_story_ids(clusters, previous, known)
    story_ids = frozenset(story_of.values()).union(previous.values())
    return StoryPlan(story_of, _list_moves(previous, story_of), story_ids, around.overrides)


async def write_stories(planned: StoryPlan, store: Store, clock: Clock) -> SnapshotWrite:
    """Move the articles, and write the snapshots of their stories. May be repeated."""
    if not all(await store.stories.move([*planned.moves])):
        return SnapshotWrite(is_saved=False)
    return await write_story_snapshots(
        planned.story_ids, planned.story_of, planned.overrides, store, clock
    )


async def _load_pairs(around: _Surroundings, changes: LinkChanges, store: Store) -> set[Pair]:
    """All pairs of linked articles around the change; includes whatever these lead to."""
    while True:
        pairs = {(link.a, link.b) for link in await store.links.list_around(around.ids)}
        pairs = pairs.difference(changes.removed).union(changes.links)
        linked_ids = set(chain.from_iterable(pairs))
        if linked_ids <= around.ids:
            return pairs
        await around.include(linked_ids, store)


def _list_moves(previous: Mapping[str, str], story_of: Mapping[str, str]) -> list[StoryMove]:
    moves: list[StoryMove] = []
    for article_id, story_id in sorted(story_of.items()):
        if previous.get(article_id) != story_id:
            moves.append(StoryMove(article_id, previous.get(article_id, ""), story_id))
    return moves


def _chain_stories(story_of: Mapping[str, str]) -> list[Pair]:
    """Pairs that keep the articles of each story together."""
    first_of: dict[str, str] = {}
    pairs: list[Pair] = []
    for article_id, story_id in sorted(story_of.items()):
        first = first_of.setdefault(story_id, article_id)
        if first != article_id:
            pairs.append((first, article_id))
    return pairs
