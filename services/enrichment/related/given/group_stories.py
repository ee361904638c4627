"""Which stories the groups of given relations are, and how that is written."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from services.enrichment.related.given.given_links import LinkChanges, Pair
from services.enrichment.related.given.groups import build_groups
from services.enrichment.related.stories.overrides import (
    OverrideConstraints,
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
class GroupStories:
    """The stories of the articles around a change, and the moves that lead there."""

    story_of: Mapping[str, str]
    moves: Collection[StoryMove]
    story_ids: frozenset[str]  # new and previous ones
    overrides: Collection[Override]


async def plan_stories(ids: Collection[str], changes: LinkChanges, store: Store) -> GroupStories:
    """The stories of *ids* and of all that is connected to them, after *changes*."""
    around = _Surroundings()
    ends: set[str] = set()
    for pair in changes.links:
        ends.update(pair)
    await around.include({*ids, *ends, *changes.removed_ids}, store)
    if changes.removed or around.constraints.cannot_link:
        pairs = await _load_pairs(around, changes, store)
    else:
        # Nothing comes apart: whoever is in one story stays there, and the new links suffice.
        pairs = {*changes.links, *_chain_stories(around.story_of)}
    groups = build_groups(around.ids, pairs, around.constraints)
    known_ids = around.ids & around.story_of.keys()
    previous = {article_id: around.story_of[article_id] for article_id in known_ids}
    first_ids = {initial_story_id(min(group)) for group in groups}
    known = await store.stories.get(first_ids.union(previous.values()))
    story_of = assign_story_ids(groups, previous, known)
    moves: list[StoryMove] = []
    for article_id, story_id in sorted(story_of.items()):
        if previous.get(article_id) != story_id:
            moves.append(StoryMove(article_id, previous.get(article_id, ""), story_id))
    story_ids = frozenset(story_of.values()).union(previous.values())
    return GroupStories(story_of, moves, story_ids, around.overrides)


async def write_stories(planned: GroupStories, store: Store, clock: Clock) -> SnapshotWrite:
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
        ends: set[str] = set()
        for pair in pairs:
            ends.update(pair)
        if ends <= around.ids:
            return pairs
        await around.include(ends, store)


def _chain_stories(story_of: Mapping[str, str]) -> list[Pair]:
    """Pairs that keep the articles of each story together."""
    first_of: dict[str, str] = {}
    pairs: list[Pair] = []
    for article_id, story_id in sorted(story_of.items()):
        first = first_of.setdefault(story_id, article_id)
        if first != article_id:
            pairs.append((first, article_id))
    return pairs
