"""Finds decisions, announcements and aliases that belong to no stored article."""

from collections.abc import Collection, Mapping

from services.console.audit.breaches import Breach, Place, Promise, store_place
from services.console.audit.checks.article_checker import PublishedTopics
from services.console.audit.checks.store_checks import find_unresolved
from shared.store import Store, pages


async def find_orphans(
    store: Store, published: PublishedTopics, stored_ids: Collection[str]
) -> list[Breach]:
    """Find decisions of no stored article, and articles that only the topics know.

    *stored_ids* are those of all articles, as they were read before.
    """
    decided = await _list_decided_articles(store)
    known = decided | published.log.histories.keys() | published.state.latest.keys()
    unknown = known - {*stored_ids}
    stored_since = await store.articles.get(unknown)
    breaches = []
    for article_id in unknown - stored_since.keys():
        if article_id in decided:
            sentence = "it has a decision, but it is not in the store"
            place = store_place("articles")
            breaches.append(Breach(Promise.STORE, article_id, sentence, place))
        if where := _find_announcement(published, article_id):
            sentence = "it was announced, but it is not in the store"
            breaches.append(Breach(Promise.SAVED, article_id, sentence, where))
    return breaches


async def _list_decided_articles(store: Store) -> set[str]:
    ids: set[str] = set()
    async for page in pages(store.decisions.list_page):
        ids.update(decision.article_id for decision in page)
    return ids


def _find_announcement(published: PublishedTopics, article_id: str) -> Place | None:
    """Where the topics have the article."""
    if history := published.log.histories.get(article_id):
        return history.newest.where
    if state := published.state.latest.get(article_id):
        return state.where
    return None


async def find_suspect_aliases(store: Store) -> list[str]:
    """Find aliases that resolve to no stored article, or to one that does not list them."""
    suspects: list[str] = []
    async for page in pages(store.articles.list_aliases):
        suspects += await _check_owners(store, dict(page))
    return suspects


async def check_aliases_again(store: Store, suspects: Collection[str]) -> list[Breach]:
    """Resolve these aliases again; return the breaches of those that are still wrong."""
    owners = await store.articles.resolve_aliases(suspects)
    return list((await _check_owners(store, owners)).values())


async def _check_owners(store: Store, owners: Mapping[str, str]) -> dict[str, Breach]:
    """The breach of each alias that does not resolve as it should."""
    stored = await store.articles.get({*owners.values()})
    return find_unresolved(owners, stored)
