"""Which stories the articles of a neighbourhood are in from now on, and how that is written."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.enrichment.related.linking.link_selection import build_link_graph
from services.enrichment.related.linking.neighbourhood import Neighbourhood
from services.enrichment.related.linking.thresholds import Thresholds
from services.enrichment.related.stories.centre_guard import (
    Block,
    Directions,
    cluster_around_centres,
)
from services.enrichment.related.stories.story_ids import assign_story_ids, initial_story_id
from services.enrichment.related.stories.story_snapshots import (
    SnapshotWrite,
    write_story_snapshots,
)
from services.enrichment.related.stories.waves import split_waves
from shared.clock import Clock
from shared.store import Store, StoryMove


@dataclass(frozen=True)
class StoryAssignment:
    """The story of each article in *story_of*, and in *previous* the one it was in, if any."""

    story_of: Mapping[str, str]
    previous: Mapping[str, str]

    @property
    def story_ids(self) -> set[str]:
        """The stories that the articles are in or were in."""
        return {*self.story_of.values(), *self.previous.values()}


async def assign_stories(
    neighbourhood: Neighbourhood, thresholds: Thresholds, store: Store
) -> StoryAssignment:
    """Compute the stories of the articles inside, and of those on the rim that join them."""
    clusters, directions = await _cluster_linked(neighbourhood, thresholds)
    free = neighbourhood.inside - neighbourhood.constraints.group_of.keys()
    clusters = split_waves(clusters, free, directions, await neighbourhood.load_days())
    # Clusters of the rim alone stay as they are.
    clusters = [cluster for cluster in clusters if not cluster.isdisjoint(neighbourhood.inside)]
    previous: dict[str, str] = {}
    for article_id in frozenset[str]().union(*clusters):
        if article_id in neighbourhood.story_of:
            previous[article_id] = neighbourhood.story_of[article_id]
    new_ids = {initial_story_id(min(cluster)) for cluster in clusters}
    known = await store.stories.get(new_ids.union(previous.values()))
    return StoryAssignment(assign_story_ids(clusters, previous, known), previous)


async def _cluster_linked(
    neighbourhood: Neighbourhood, thresholds: Thresholds
) -> tuple[list[Block], Directions]:
    """Cluster the articles inside and the stories on the rim, and forget the graph of links.

    Also returns the directions of the articles.
    """
    blocks, graph = build_link_graph(neighbourhood, thresholds.event)
    directions = await neighbourhood.load_directions()
    clusters = cluster_around_centres(
        blocks, graph, thresholds.cost, neighbourhood.constraints, directions
    )
    return clusters, directions


async def write_stories(
    assignment: StoryAssignment, neighbourhood: Neighbourhood, store: Store, clock: Clock
) -> SnapshotWrite:
    """Move the articles to their stories, and write the snapshots of these. May be repeated."""
    moves: list[StoryMove] = []
    for article_id, story_id in sorted(assignment.story_of.items()):
        current = neighbourhood.story_of.get(article_id, "")
        if current != story_id:
            moves.append(StoryMove(article_id, current, story_id))
    if not all(await store.stories.move(moves)):
        return SnapshotWrite(is_saved=False)
    return await write_story_snapshots(
        assignment.story_ids, assignment.story_of, neighbourhood.overrides, store, clock
    )


async def has_only_assigned_members(assignment: StoryAssignment, store: Store) -> bool:
    """Whether no other articles came into the stories meanwhile."""
    members = await store.stories.get_members(set(assignment.story_of.values()))
    return sum(map(len, members.values())) == len(assignment.story_of)
