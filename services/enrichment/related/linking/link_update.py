"""Writes the links of a neighbourhood, and completes the stage of its articles."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from itertools import chain
from typing import Final

from services.enrichment.related.linking.link_selection import select_links
from services.enrichment.related.linking.neighbourhood import Neighbourhood, Pair
from services.enrichment.related.linking.thresholds import Thresholds
from shared import failpoints
from shared.clock import Clock
from shared.store import Link, Store

LEASE: Final = timedelta(seconds=20)  # recomputing takes seconds: a slower worker is dead


class LinkUpdater:
    """Writes links by *thresholds*."""

    def __init__(self, thresholds: Thresholds, clock: Clock) -> None:
        self._thresholds = thresholds
        self._clock = clock

    async def update(
        self, ids: set[str], neighbourhood: Neighbourhood, store: Store
    ) -> dict[str, int]:
        """Write the links of *ids*, and complete the stage for them and articles with a change.

        Articles with a change are marked and reopened first, so that they are found after a crash.
        Returns the articles that completed the stage, with the versions of their signatures: those
        whose relatives changed, and those of *ids* that waited. May be repeated.
        """
        links = select_links(neighbourhood, ids, self._thresholds.related)
        changed_links = _find_changed_links(links, neighbourhood)
        removed_pairs = neighbourhood.links.keys() - links.keys()
        changed_ids = set(chain.from_iterable(removed_pairs))
        for link in changed_links:
            changed_ids.update((link.a, link.b))
        marks = await store.neighbourhoods.mark_and_claim(changed_ids - ids, self._clock(), LEASE)
        await store.articles.reopen_stage("related", changed_ids)
        await failpoints.hit("stage-reopened")
        await store.links.save(changed_links, removed_pairs)
        await failpoints.hit("links-saved")
        completed = await _complete_stage(ids | changed_ids, store)
        await store.neighbourhoods.clear_dirty(marks)
        return completed


def _find_changed_links(links: Mapping[Pair, Link], neighbourhood: Neighbourhood) -> list[Link]:
    """Find the links that are new, or differ from the existing ones."""
    existing = neighbourhood.links
    return [link for pair, link in links.items() if link != existing.get(pair)]


async def _complete_stage(ids: Collection[str], store: Store) -> dict[str, int]:
    """Complete the stage for those of *ids* that wait for it with the version that was compared.

    They wait for a decision from then on. Returns them with their versions.
    """
    waiting = await store.articles.get_pending_versions("related", ids)
    signed = await store.signatures.get_versions(waiting)
    done: dict[str, int] = {}
    for article_id, version in waiting.items():
        if signed.get(article_id) == version:
            done[article_id] = version
    await store.articles.complete_stage("related", done, done)
    return done
