"""Finds stories: the best clustering of articles, given how strongly each pair of them is linked.

A clustering is worth the links inside its clusters, less a cost that grows with their sizes. An
article joins a cluster if its links to the members outweigh what one more member costs there. The
search moves articles, and then whole clusters, to wherever they are worth most, until nothing
moves: the Louvain method, with an absolute cost as in the constant Potts model. Nothing else
counts: no order of arrival, no earlier clustering, no chance. Articles are visited in the order of
their ids, so two workers that see the same links find the same stories.

Overrides take precedence over links. No article joins a cluster with an article that it cannot be
linked to, and the clusters of articles that must be linked are merged in the end.
"""

from collections.abc import Sequence

from services.enrichment.related.features.id_index import number_items
from services.enrichment.related.stories.coarsening import (
    CannotLinks,
    Graph,
    build_coarse_cannot_links,
    build_coarse_graph,
)
from services.enrichment.related.stories.overrides import OverrideConstraints
from services.enrichment.related.stories.size_cost import Costs, SizeCost, list_costs

MAX_ROUNDS = 40  # of visits to all articles; the search ends within ten
_MIN_GAIN = 1e-9  # a move that gains less is a rounding error


def cluster_blocks(
    blocks: Sequence[frozenset[str]], graph: Graph, cost: SizeCost, constraints: OverrideConstraints
) -> list[frozenset[str]]:
    """Cluster *blocks* of articles that stay together.

    *graph* has for each block, by number, its links to other blocks in order, with their scores
    added up.
    """
    sizes = [len(block) for block in blocks]
    costs = list_costs(cost, sum(sizes))
    partition = _Partition(graph, sizes, costs, _index_cannot_links(constraints, blocks))
    stories: dict[int, list[frozenset[str]]] = {}
    for block, cluster in zip(blocks, partition.optimise(), strict=True):
        stories.setdefault(cluster, []).append(block)
    merged = [frozenset[str]().union(*parts) for parts in stories.values()]
    return constraints.merge_must_linked(merged)


def _index_cannot_links(
    constraints: OverrideConstraints, blocks: Sequence[frozenset[str]]
) -> CannotLinks:
    """The blocks that each block cannot be linked to, by number."""
    if not constraints.cannot_link:
        return {}
    number_of: dict[str, int] = {}
    for number, block in enumerate(blocks):
        number_of |= dict.fromkeys(block, number)
    cannot_links: dict[int, set[int]] = {}
    for a, b in constraints.cannot_link:
        if a in number_of and b in number_of:
            cannot_links.setdefault(number_of[a], set()).add(number_of[b])
            cannot_links.setdefault(number_of[b], set()).add(number_of[a])
    return cannot_links


class _Partition:
    """Nodes of given sizes in clusters, each alone at first, moved to where they are worth most."""

    def __init__(
        self, graph: Graph, sizes: Sequence[int], costs: Costs, cannot_links: CannotLinks
    ) -> None:
        self._graph, self._sizes, self._costs = graph, sizes, costs
        self._cannot_links = cannot_links
        self._linked_nodes = [node for node, edges in enumerate(graph) if edges]
        self._cluster_of = list(range(len(graph)))
        self._cluster_sizes = list(sizes)

    def optimise(self) -> list[int]:
        """Move nodes and clusters until none gains by it. Returns the cluster of each node."""
        self._move_nodes()
        while self._move_clusters() and self._move_nodes():
            pass
        return self._cluster_of

    def _move_clusters(self) -> bool:
        """Move clusters as if they were nodes, and clusters of clusters, until none joins another.

        Returns whether any did.
        """
        clusters = list(dict.fromkeys(self._cluster_of))
        number_of = number_items(clusters)
        compact = [number_of[cluster] for cluster in self._cluster_of]
        coarse = self._coarsen(compact)
        coarse._move_nodes()
        has_moved = 0 in coarse._cluster_sizes  # a cluster that joins another leaves its own empty
        if not has_moved:
            return False
        coarse._move_clusters()
        self._cluster_of = [clusters[coarse._cluster_of[cluster]] for cluster in compact]
        for cluster, size in zip(clusters, coarse._cluster_sizes, strict=True):
            self._cluster_sizes[cluster] = size
        return True

    def _coarsen(self, cluster_of: Sequence[int]) -> "_Partition":
        """A partition whose nodes are the clusters of this one, numbered from 0 without gaps."""
        graph, sizes = build_coarse_graph(self._graph, self._sizes, cluster_of)
        cannot_links = build_coarse_cannot_links(self._cannot_links, cluster_of)
        return _Partition(graph, sizes, self._costs, cannot_links)

    def _move_nodes(self) -> bool:
        """Move nodes until none moves any more. Returns whether any did.

        The first round visits all nodes that have links, the next ones the neighbours of those
        that moved.
        """
        queue, has_moved = self._linked_nodes, False
        for _ in range(MAX_ROUNDS):
            affected: set[int] = set()
            for node in queue:
                if self._move_node(node):
                    affected.update(self._graph[node])
            if not affected:
                break
            queue, has_moved = sorted(affected), True
        return has_moved

    def _move_node(self, node: int) -> bool:
        """Move *node* to the cluster where it is worth most.

        Returns whether that is another one.
        """
        sizes, costs = self._cluster_sizes, self._costs
        old, size = self._cluster_of[node], self._sizes[node]
        sizes[old] -= size
        own_cost = costs[size]
        best, most = -1, 0.0
        for cluster, pull in self._sum_links_by_cluster(node).items():
            if pull > most:  # otherwise the move gains nothing, whatever it costs
                others = sizes[cluster]
                worth = pull - costs[others + size] + costs[others] + own_cost
                if worth > most + _MIN_GAIN:
                    best, most = cluster, worth
        if best < 0:  # better alone: where it is if nobody else is there, else in an empty cluster
            best = sizes.index(0) if sizes[old] else old
        self._cluster_of[node] = best
        sizes[best] += size
        return best != old

    def _sum_links_by_cluster(self, node: int) -> dict[int, float]:
        """Add up the links of *node* by cluster, leaving out clusters that it cannot be linked to.

        Its own cluster comes first, and so wins a tie.
        """
        cluster_of = self._cluster_of
        own = cluster_of[node]
        inside, sums = 0.0, {own: 0.0}
        for other, score in self._graph[node].items():
            cluster = cluster_of[other]
            if cluster == own:  # true for most links, and cheaper than a dictionary
                inside += score
            else:
                sums[cluster] = sums.get(cluster, 0.0) + score
        sums[own] = inside
        for other in self._cannot_links.get(node, ()):
            sums.pop(cluster_of[other], None)
        return sums
