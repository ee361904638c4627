"""Which articles the seeds relate, and what that changes in the store.

A relation is symmetric: two articles are related if the seed of either lists a URL of the other.
Whichever arrives second finds the other: by its aliases those that it lists, by a search those
that list it. Each saves what it lists before it looks, so of two that arrive at once one at least
sees the other.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from typing import Final

from services.enrichment.related.given.listed_urls import build_search_signature
from services.enrichment.related.stories.overrides import OverrideConstraints, Pair
from shared.store import Link, Store, ordered_pair

CERTAIN: Final = 1.0  # the chance of a given relation, and of one event: the site says so
_ANY_TIME: Final = timedelta(days=36_500)
_NO_LIMIT: Final = 100_000  # articles that list one article: more than any site has in a group


@dataclass(frozen=True)
class LinkChanges:
    """What is to change around some articles, and the *links* that they have afterwards."""

    links: Mapping[Pair, Link]
    saved: Collection[Link]
    removed: Collection[Pair]

    @property
    def removed_ids(self) -> set[str]:
        return set(chain.from_iterable(self.removed))

    @property
    def changed_ids(self) -> set[str]:
        """Both ends of every link that changes."""
        ids = self.removed_ids
        for link in self.saved:
            ids.update((link.a, link.b))
        return ids


async def find_given_pairs(ids: Collection[str], store: Store) -> set[Pair]:
    """The pairs of articles, one of *ids* in each, of which one lists the other."""
    pairs = await _find_listed(ids, store) | await _find_listing(ids, store)
    return {(a, b) for a, b in pairs if a != b}


async def _find_listed(ids: Collection[str], store: Store) -> set[Pair]:
    """Each of *ids* with the articles that its seed lists, as far as this stage handled them.

    The others will find those that list them.
    """
    signatures = await store.signatures.get(ids)
    listed: set[str] = set()
    for signature in signatures.values():
        listed.update(signature.terms)
    owners = await store.articles.resolve_aliases(listed)
    handled = await store.signatures.get_versions(set(owners.values()))
    pairs: set[Pair] = set()
    for article_id, signature in signatures.items():
        for url in signature.terms:
            if owners.get(url) in handled:
                pairs.add(ordered_pair(article_id, owners[url]))
    return pairs


async def _find_listing(ids: Collection[str], store: Store) -> set[Pair]:
    """Each of *ids* with the articles whose seeds list it."""
    articles = await store.articles.get(ids)
    searches = [build_search_signature(article) for article in articles.values()]
    found = await store.signatures.find_candidates(searches, _ANY_TIME, _NO_LIMIT)
    pairs: set[Pair] = set()
    for search, listing_ids in zip(searches, found, strict=True):
        pairs.update(ordered_pair(search.article_id, other) for other in listing_ids)
    return pairs


def plan_links(
    ids: Collection[str],
    given: Iterable[Pair],
    existing: Iterable[Link],
    constraints: OverrideConstraints,
) -> LinkChanges:
    """What is to change around *ids*, whose *existing* links are all there. Pure.

    The editors' overrides come before what the seeds say.
    """
    links: dict[Pair, Link] = {}
    for a, b in given:
        if (a, b) not in constraints.cannot_link:
            links[a, b] = Link(a, b, CERTAIN, event=CERTAIN)
    for a, b in constraints.must_link:
        if a in ids or b in ids:
            links[a, b] = Link(a, b, CERTAIN, pinned=True, event=CERTAIN)
    before = {(link.a, link.b): link for link in existing}
    saved = [link for pair, link in links.items() if before.get(pair) != link]
    return LinkChanges(links, saved, before.keys() - links.keys())
