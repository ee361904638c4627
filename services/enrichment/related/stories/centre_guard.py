"""No story by chaining: whoever is in a story can be justified against its centre.

Clustering looks at links. Afterwards every member of a larger story is compared with the centre of
the others. Those that are too far from it leave, all at once, and are clustered again among
themselves. No order of arrival enters.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import numpy as np

from services.enrichment.related.features.arrays import Float32Array
from services.enrichment.related.features.id_index import number_items
from services.enrichment.related.stories.clustering import cluster_blocks
from services.enrichment.related.stories.coarsening import Graph
from services.enrichment.related.stories.overrides import OverrideConstraints
from services.enrichment.related.stories.size_cost import SizeCost

SMALL_STORY: Final = 3  # so many members need no centre: their links say it all
MIN_COSINE: Final = 0.1  # with the centre of the others, of directions relative to the feed

Block = frozenset[str]
Directions = Mapping[str, Float32Array]
"""By article: its direction relative to the centre of the feed; missing without a direction."""


def cluster_around_centres(
    blocks: Sequence[Block],
    graph: Graph,
    cost: SizeCost,
    constraints: OverrideConstraints,
    directions: Directions,
) -> list[Block]:
    """Cluster *blocks* as `cluster_blocks` does, and let members leave that fit no centre.

    Blocks of several articles stay whole, and so do articles that an override puts together.
    """
    found: list[Block] = []
    remaining = [*range(len(blocks))]
    while remaining:
        part = [blocks[number] for number in remaining]
        clusters = cluster_blocks(part, _select(graph, remaining), cost, constraints)
        free = {min(block) for block in part if len(block) == 1} - constraints.group_of.keys()
        strangers = set[str]()
        for cluster in clusters:
            leaving = find_strangers(cluster, directions) & free
            if leaving != cluster:
                found.append(cluster - leaving)
            strangers |= leaving
        if len(strangers) == len(part):
            return found + part
        remaining = [number for number in remaining if not blocks[number].isdisjoint(strangers)]
    return found


def find_strangers(story: Collection[str], directions: Directions) -> set[str]:
    """Find the members whose direction is too far from the centre of the others."""
    members = [article_id for article_id in sorted(story) if article_id in directions]
    if len(members) <= SMALL_STORY:
        return set()
    rows = np.stack([directions[article_id] for article_id in members]).astype(np.float64)
    centres = rows.sum(0) - rows
    lengths = np.linalg.norm(centres, axis=1) * np.linalg.norm(rows, axis=1)
    cosines = np.einsum("nd,nd->n", rows, centres) / np.maximum(lengths, 1e-9)
    is_far = cosines.round(6) < MIN_COSINE
    return {members[place] for place in np.flatnonzero(is_far).tolist()}


def _select(graph: Graph, numbers: Sequence[int]) -> Graph:
    """The part of *graph* with these nodes, in order, numbered anew."""
    if len(numbers) == len(graph):
        return graph
    place_of = number_items(numbers)
    selected: list[dict[int, float]] = []
    for number in numbers:
        edges = graph[number].items()
        selected.append({place_of[other]: score for other, score in edges if other in place_of})
    return selected
