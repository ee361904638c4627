"""Stories of given relations: the connected groups of articles. Pure.

A site lists whole groups, so that everyone in a group lists everyone else. But the list of an early
article lacks what came later, and that of a late one what was taken away. Connected groups depend
on no single list and on no order of arrival, and for whole groups they are the site's.
"""

from collections.abc import Collection, Iterable

from services.enrichment.related.stories.overrides import OverrideConstraints

Pair = tuple[str, str]


def build_groups(
    ids: Collection[str], pairs: Iterable[Pair], constraints: OverrideConstraints
) -> list[frozenset[str]]:
    """The connected groups of *ids* by *pairs*, both ends of which are in *ids*.

    Articles that must be linked come together first. A pair joins no two groups of which any
    articles cannot be linked.
    """
    group_of: dict[str, set[str]] = {article_id: {article_id} for article_id in ids}
    apart = _list_apart(constraints.cannot_link)
    for a, b in [*sorted(constraints.must_link), *sorted(pairs)]:
        if a not in group_of or b not in group_of:
            continue
        smaller, larger = sorted((group_of[a], group_of[b]), key=len)
        if smaller is larger or _are_kept_apart(smaller, larger, apart):
            continue
        larger |= smaller
        for article_id in smaller:
            group_of[article_id] = larger
    groups = {id(group): group for group in group_of.values()}
    return sorted((frozenset(group) for group in groups.values()), key=min)


def _list_apart(cannot_link: Iterable[Pair]) -> dict[str, set[str]]:
    apart: dict[str, set[str]] = {}
    for a, b in cannot_link:
        apart.setdefault(a, set()).add(b)
        apart.setdefault(b, set()).add(a)
    return apart


def _are_kept_apart(smaller: set[str], larger: set[str], apart: dict[str, set[str]]) -> bool:
    if not apart:
        return False
    return any(not larger.isdisjoint(apart.get(article_id, ())) for article_id in smaller)
