"""Reads what the rules need to know of articles and their relatives, and no more.

The rules see few facts of a relative, and these never change for one version of an article. So the
loader keeps them in memory and reads the contents of a relative only if it meets a new version. In
a story of many articles most are read once.

Only an article that was deleted, or restored from a backup, and dropped again has other contents
under a version that the loader knows. It waits for a decision then, is read for that, and is known
by the time of its change.
"""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from services.publishing.announcing.shown_articles import ShownArticles
from services.publishing.deciding.known_decisions import Basis, KnownDecisions, build_basis
from services.publishing.deciding.ranking import Contender, build_contender
from shared.concurrency.event_loop import LoopYielder
from shared.store import Decision, Link, Store, StoredArticle

MAX_KEPT: Final = 50_000  # contenders, of some 500 bytes each


@dataclass(frozen=True)
class Contest:
    """An article, its relatives (best first), the decision about it, and the bases of theirs.

    *links* has the link to each relative, by the relative's id.
    """

    article: StoredArticle
    contender: Contender
    relatives: Sequence[Contender]
    links: Mapping[str, Link]
    decision: Decision | None
    relative_bases: Mapping[str, Basis]

    @property
    def is_stale(self) -> bool:
        """Whether a decision about the article, or a relative, is of a newer version than is here.

        Then that version was read before the decision was made.
        """
        if self.decision and self.decision.version > self.contender.version:
            return True
        for relative in self.relatives:
            basis = self.relative_bases.get(relative.id)
            if basis and basis.version > relative.version:
                return True
        return False


class ContestLoader:
    """Loads contests, and keeps what it knows of the versions it has met."""

    def __init__(self, shown_articles: ShownArticles) -> None:
        self._kept: OrderedDict[str, tuple[Contender, datetime]] = OrderedDict()
        self._shown_articles = shown_articles
        self._known_decisions = KnownDecisions()

    async def load(self, ids: Collection[str], store: Store) -> dict[str, Contest]:
        """The contests of these articles, by id; unknown ids are left out.

        The articles themselves are read first, so that their `touches` are never newer than the
        rest.
        """
        articles = await store.articles.get(ids)
        links = group_links(articles, await store.links.list_around(articles))
        relative_ids: set[str] = set()
        for links_by_relative in links.values():
            relative_ids |= links_by_relative.keys()
        relative_ids -= articles.keys()
        waiting = await store.articles.get_pending_versions("decision", relative_ids)
        decisions = await store.decisions.get(articles)
        bases = await self._known_decisions.load(relative_ids, store)
        for article_id, decision in decisions.items():
            bases[article_id] = build_basis(decision)
        versions = {article.id: article.version for article in articles.values()}
        for article_id in relative_ids:
            # An article that does not wait for a decision has not changed since its last one.
            if article_id in waiting:
                versions[article_id] = waiting[article_id]
            elif article_id in bases:
                versions[article_id] = bases[article_id].version
        known = await self._load_contenders({*articles, *relative_ids}, versions, articles, store)
        in_order = _rank(known, bases)
        return _build_contests(articles, links, in_order, decisions, bases)

    async def _load_contenders(
        self,
        ids: Collection[str],
        versions: Mapping[str, int],
        articles: Mapping[str, StoredArticle],
        store: Store,
    ) -> list[Contender]:
        """The contenders of all that are stored; who leads is not known yet."""
        found: dict[str, Contender] = {}
        missing: list[str] = []
        for article_id in ids:
            kept = self._find_kept(article_id, versions.get(article_id), articles.get(article_id))
            if kept is not None:
                found[article_id] = kept
            else:
                missing.append(article_id)
        unread = [article_id for article_id in missing if article_id not in articles]
        read = await store.articles.get(unread) if unread else {}
        yielder = LoopYielder()
        for article_id in missing:
            await yielder.yield_if_due()  # seeds are parsed here, and some are large
            stored = articles.get(article_id) or read.get(article_id)
            if stored is not None:
                self._shown_articles.keep(stored)  # for it is parsed now
                found[article_id] = self._keep(stored)
        return [*found.values()]

    def _find_kept(
        self, article_id: str, version: int | None, stored: StoredArticle | None
    ) -> Contender | None:
        """What is kept of this version; if the article was read, then only if it is the same."""
        if article_id not in self._kept:
            return None
        contender, changed_at = self._kept[article_id]
        is_other = stored is not None and stored.changed_at != changed_at
        if contender.version != version or is_other:
            return None
        self._kept.move_to_end(article_id)
        return contender

    def _keep(self, stored: StoredArticle) -> Contender:
        contender = build_contender(stored, None)
        self._kept[contender.id] = contender, stored.changed_at
        self._kept.move_to_end(contender.id)
        while len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
        return contender


def group_links(ids: Collection[str], links: Iterable[Link]) -> dict[str, dict[str, Link]]:
    """For each of these articles the links that it has, by the id of the other article."""
    grouped: dict[str, dict[str, Link]] = {article_id: {} for article_id in ids}
    for link in links:
        if link.a in grouped:
            grouped[link.a][link.b] = link
        if link.b in grouped:
            grouped[link.b][link.a] = link
    return grouped


def _rank(contenders: Iterable[Contender], bases: Mapping[str, Basis]) -> dict[str, Contender]:
    """By id and best first, each with whether it leads by its stored decision."""
    ranked: dict[str, Contender] = {}
    for contender in sorted(contenders, key=lambda contender: contender.ranking_key):
        basis = bases.get(contender.id)
        if basis and basis.is_lead:
            ranked[contender.id] = replace(contender, is_lead=True)
        else:
            ranked[contender.id] = contender
    return ranked


def _build_contests(
    articles: Mapping[str, StoredArticle],
    links: Mapping[str, Mapping[str, Link]],
    in_order: Mapping[str, Contender],
    decisions: Mapping[str, Decision],
    bases: Mapping[str, Basis],
) -> dict[str, Contest]:
    positions = {article_id: position for position, article_id in enumerate(in_order)}
    contests: dict[str, Contest] = {}
    for article_id, article in articles.items():
        stored_ids = [other for other in links[article_id] if other in positions]
        stored_ids.sort(key=positions.__getitem__)
        contests[article_id] = Contest(
            article=article,
            contender=in_order[article_id],
            relatives=[in_order[other] for other in stored_ids],
            links=links[article_id],
            decision=decisions.get(article_id),
            relative_bases=bases,
        )
    return contests
