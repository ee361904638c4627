"""Clusters of given relations: articles that are connected, however far. Pure.

A site groups articles, and each seed lists everyone else of its group. But the list of an early
article lacks what came later, and that of a late one what was taken away. What is connected depends
on no single list and on no order of arrival, and where lists are complete it is the site's group.
"""

from collections.abc import Collection, Iterable

from services.enrichment.related.stories.overrides import OverrideConstraints, Pair


def cluster_connected(
    ids: Collection[str], pairs: Iterable[Pair], constraints: OverrideConstraints
) -> list[frozenset[str]]:
    """The clusters of *ids* by *pairs*; a pair counts if both its articles are in *ids*.

    Articles that must be linked come together first. A pair joins no two clusters of which any
    articles cannot be linked.
    """
    cluster_of: dict[str, set[str]] = {article_id: {article_id} for article_id in ids}
    kept_apart = _list_kept_apart(constraints.cannot_link)
    for a, b in [*sorted(constraints.must_link), *sorted(pairs)]:
        if a not in cluster_of or b not in cluster_of:
            continue
        smaller, larger = sorted((cluster_of[a], cluster_of[b]), key=len)
        if smaller is larger or _are_kept_apart(smaller, larger, kept_apart):
            continue
        larger |= smaller
        for article_id in smaller:
            cluster_of[article_id] = larger
    clusters = {id(cluster): cluster for cluster in cluster_of.values()}
    return sorted((frozenset(cluster) for cluster in clusters.values()), key=min)


def _list_kept_apart(cannot_link: Iterable[Pair]) -> dict[str, set[str]]:
    """Of each article those that it cannot be linked to."""
    kept_apart: dict[str, set[str]] = {}
    for a, b in cannot_link:
        kept_apart.setdefault(a, set()).add(b)
        kept_apart.setdefault(b, set()).add(a)
    return kept_apart


def _are_kept_apart(smaller: set[str], larger: set[str], kept_apart: dict[str, set[str]]) -> bool:
    if not kept_apart:
        return False
    return any(not larger.isdisjoint(kept_apart.get(article_id, ())) for article_id in smaller)
