"""Loads everything about articles for their checks, as far as their seeds can be read."""

from collections.abc import Collection

from services.console.audit.breaches import Breach, Promise
from services.console.audit.checks.store_checks import ARTICLES
from shared.article import SeedError
from shared.store import Store, StoredArticle
from shared.views.article_snapshot import ArticleSnapshot, complete_snapshots

Loaded = tuple[dict[str, ArticleSnapshot], list[Breach]]
"""The snapshots of articles by id, and what keeps the others from being loaded."""


async def load_readable(store: Store, ids: Collection[str]) -> Loaded:
    """The snapshots of these articles, and breaches for those whose seeds cannot be read.

    Each seed is parsed once: whole, before anything asks for a part of it.
    """
    readable: dict[str, StoredArticle] = {}
    breaches: list[Breach] = []
    for article in (await store.articles.get(ids)).values():
        try:
            article.check_seed()
            readable[article.id] = article
        except SeedError as error:
            sentence = f"its seed cannot be read: {error}"
            breaches.append(Breach(Promise.STORE, article.id, sentence, ARTICLES))
    snapshots, others = await _complete(store, readable)
    return snapshots, [*breaches, *others]


async def _complete(store: Store, articles: dict[str, StoredArticle]) -> Loaded:
    """The snapshots of *articles*, and breaches for those with an unreadable relative."""
    try:
        return await complete_snapshots(articles, store), []
    except SeedError:
        pass  # One of them has an unreadable relative: find which.
    snapshots: dict[str, ArticleSnapshot] = {}
    breaches: list[Breach] = []
    for article_id, article in articles.items():
        try:
            snapshots |= await complete_snapshots({article_id: article}, store)
        except SeedError:
            breaches += await _find_unreadable_relatives(store, article_id)
    return snapshots, breaches


async def _find_unreadable_relatives(store: Store, article_id: str) -> list[Breach]:
    links = await store.links.get([article_id])
    relatives = await store.articles.get({link.other(article_id) for link in links[article_id]})
    breaches: list[Breach] = []
    for relative in relatives.values():
        try:
            _ = relative.article_without_related
        except SeedError as error:
            sentence = (
                f"its relative {relative.id} cannot be read, so it cannot be checked; "
                f"drop {relative.id} again: {error}"
            )
            breaches.append(Breach(Promise.STORE, article_id, sentence, ARTICLES))
    return breaches
