"""The step between two levels of the Louvain method: a graph of clusters from a graph of nodes."""

from collections.abc import Collection, Mapping, Sequence

Graph = Sequence[Mapping[int, float]]
"""For each node, the nodes that it is linked to, with the scores."""
CannotLinks = Mapping[int, Collection[int]]
"""For some nodes, the nodes that they cannot be linked to."""


def build_coarse_graph(
    graph: Graph, sizes: Sequence[int], cluster_of: Sequence[int]
) -> tuple[list[dict[int, float]], list[int]]:
    """The graph of the clusters, and their sizes. Links between two clusters are added up.

    Clusters are numbered from 0 without gaps.
    """
    coarse_sizes = [0] * (max(cluster_of, default=-1) + 1)
    coarse_graph: list[dict[int, float]] = [{} for _ in coarse_sizes]
    for node, edges in enumerate(graph):
        own = cluster_of[node]
        coarse_sizes[own] += sizes[node]
        coarse_edges = coarse_graph[own]
        for other, score in edges.items():
            cluster = cluster_of[other]
            if cluster != own:
                coarse_edges[cluster] = coarse_edges.get(cluster, 0.0) + score
    return coarse_graph, coarse_sizes


def build_coarse_cannot_links(cannot_links: CannotLinks, cluster_of: Sequence[int]) -> CannotLinks:
    """The clusters that each cluster cannot be linked to."""
    coarse: dict[int, set[int]] = {}
    for node, others in cannot_links.items():
        clusters = {cluster_of[other] for other in others}
        coarse.setdefault(cluster_of[node], set()).update(clusters)
    return coarse
