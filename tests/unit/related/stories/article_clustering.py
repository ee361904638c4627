"""Clusters single articles, as the search does with whole blocks of them."""

from collections.abc import Mapping

from services.enrichment.related.features.id_index import number_items
from services.enrichment.related.stories.clustering import cluster_blocks
from services.enrichment.related.stories.overrides import OverrideConstraints
from services.enrichment.related.stories.size_cost import SizeCost

Links = Mapping[str, Mapping[str, float]]


def cluster_articles(
    links: Links, cost: SizeCost, constraints: OverrideConstraints | None = None
) -> list[frozenset[str]]:
    """Cluster the articles that are keys of *links*, each with its linked articles and scores.

    Links are symmetric; those to articles that are no keys are ignored. Every article ends up in
    one cluster, alone if need be.
    """
    ids = sorted(links)
    number_of = number_items(ids)
    graph: list[dict[int, float]] = []
    for article_id in ids:
        edges = sorted(links[article_id].items())
        graph.append({number_of[other]: score for other, score in edges if other in number_of})
    blocks = [frozenset([article_id]) for article_id in ids]
    return cluster_blocks(blocks, graph, cost, constraints or OverrideConstraints())
