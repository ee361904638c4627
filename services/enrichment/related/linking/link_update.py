"""Writes the links of a neighbourhood, and completes the stage of its articles.

A changed link concerns two articles, and rarely is either to be decided again. A new link concerns
the article that arrived: publishing decides it, and wakes the other if it has to know. A link that
is gone, or has another score, concerns those whose decision names the other article. In a large
story that is the lead, and nobody else.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from typing import Final

from services.enrichment.related.linking.link_selection import select_links
from services.enrichment.related.linking.neighbourhood import Neighbourhood, Pair
from services.enrichment.related.linking.thresholds import Thresholds
from shared import failpoints
from shared.store import Link, Store

LEASE: Final = timedelta(seconds=20)  # recomputing takes seconds: a slower worker is dead


@dataclass(frozen=True)
class LinkChanges:
    """How the links of some articles differ from the existing ones.

    *rescored* have another score for people; *saved* are all that are to be written.
    """

    saved: Collection[Link]
    added: Collection[Link]
    rescored: Collection[Link]
    removed: Collection[Pair]

    @property
    def visible_pairs(self) -> list[Pair]:
        """The pairs whose decisions may rest on how they were linked before."""
        return [*((link.a, link.b) for link in self.rescored), *self.removed]

    def choose_ends(self, waiting: Collection[str]) -> set[str]:
        """An end of each new link of which neither end is *waiting* for the stage anyway."""
        ends: set[str] = set()
        for link in self.added:
            if link.a not in waiting and link.b not in waiting and link.b not in ends:
                ends.add(link.a)
        return ends


class LinkUpdater:
    """Writes links by *thresholds*."""

    def __init__(self, thresholds: Thresholds) -> None:
        self._thresholds = thresholds

    async def update(self, ids: set[str], neighbourhood: Neighbourhood, store: Store) -> set[str]:
        """Write the links of *ids*, and complete the stage for those of them that waited.

        Articles that a change may concern wait for the stage meanwhile, so that they are found
        after a crash. Returns the articles that are to be decided. May be repeated.
        """
        changes = await self._find_changes(ids, neighbourhood)
        waiting = await store.articles.get_pending_versions("related", ids)
        concerned = changes.choose_ends(waiting)
        reopened = concerned.union(chain.from_iterable(changes.visible_pairs))
        await store.articles.reopen_stage("related", reopened)
        await failpoints.hit("stage-reopened")
        await store.links.save([*changes.saved], changes.removed)
        await failpoints.hit("links-saved")
        # Read once the links are written: a decision that is saved later has seen them.
        naming = await store.decisions.find_naming(_list_both_ways(changes.visible_pairs))
        concerned.update(article_id for article_id, _ in naming)
        return await complete_stage(waiting, concerned, reopened, store)

    async def _find_changes(self, ids: set[str], neighbourhood: Neighbourhood) -> LinkChanges:
        """Compare the links of *ids* with the existing ones; those that stay are forgotten."""
        existing = await neighbourhood.load_links(ids)
        links = select_links(neighbourhood, ids, self._thresholds.related, existing)
        return compare_links(links, existing)


def compare_links(links: Mapping[Pair, Link], existing: Mapping[Pair, Link]) -> LinkChanges:
    """How *links* differ from the *existing* ones of the same articles. Pure."""
    saved = [link for pair, link in links.items() if link != existing.get(pair)]
    added: list[Link] = []
    rescored: list[Link] = []
    for link in saved:
        before = existing.get((link.a, link.b))
        if before is None:
            added.append(link)
        elif (before.score, before.pinned) != (link.score, link.pinned):
            rescored.append(link)
    return LinkChanges(saved, added, rescored, existing.keys() - links.keys())


def _list_both_ways(pairs: Iterable[Pair]) -> list[Pair]:
    listed: list[Pair] = []
    for a, b in pairs:
        listed += ((a, b), (b, a))
    return listed


async def complete_stage(
    waiting: Mapping[str, int],
    concerned: Collection[str],
    reopened: Collection[str],
    store: Store,
) -> set[str]:
    """Complete the stage for those that wait for it with the version that was compared.

    *waiting* has those that waited before, with their versions: an article that was dropped again
    meanwhile goes on waiting. They, and those that are *concerned*, are to be decided again; so
    are those of the *reopened* that wait for a decision, because publishing may have passed over
    them. Each is touched, so that what wakes it is an event of its own. Returns all of them.
    """
    versions = dict(waiting)
    if reopened:
        versions |= await store.articles.get_pending_versions("related", reopened)
    signed = await store.signatures.get_versions(versions)
    done: dict[str, int] = {}
    for article_id, version in versions.items():
        if signed.get(article_id) == version:
            done[article_id] = version
    touched = {*concerned}.union(done.keys() & waiting.keys())
    await store.articles.complete_stage("related", done, touched)
    untouched = done.keys() - touched
    if not untouched:
        return touched
    # Asked once the stage is done: an event that came before found the article waiting for it.
    passed_over = await store.articles.get_pending_versions("decision", untouched)
    if passed_over:
        await store.articles.touch(passed_over)
    return touched.union(passed_over)
