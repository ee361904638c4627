"""Articles as the store knows them. Works while no service runs."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from services.console.actions.articles.readable_articles import (
    ArticleUnreadable,
    UnreadableArticle,
    build_readable,
)
from services.console.actions.timestamps import format_timestamp
from shared.article import canonical_url, fold_url, strip_amp_suffix
from shared.errors import SeedwireError
from shared.store import Decision, ListingQuery, Store, pages
from shared.views.article_view import build_view

PAGE_SIZE: Final = 200  # articles read at once
EVERYTHING: Final = ListingQuery(order="heat")

ArticleView = dict[str, Any]
"""An article as people see it: JSON values under the names of the seed format."""


class ArticleNotFound(SeedwireError):
    """No article has that id or URL. Consequence: a command ends with exit code 1."""


@dataclass(frozen=True)
class ArticleDetails:
    """An article and why images of it are not cached, by their URLs."""

    view: ArticleView
    image_failures: Mapping[str, str]


@dataclass(frozen=True)
class DecidedArticle:
    """An article with the latest decision for it; None if it was never decided."""

    view: ArticleView
    decision: Decision | None

    def as_json(self) -> dict[str, Any]:
        decision = describe_decision(self.decision) if self.decision else None
        return {**self.view, "decision": decision}


async def find_article_id(store: Store, reference: str) -> str:
    """The id of the article with this id or with this URL. Raises ArticleNotFound."""
    spellings = list_spellings(reference) if _is_unicode(reference) else []
    for spelling in spellings:
        article = await store.articles.find(spelling)
        if article is not None:
            return article.id
    raise ArticleNotFound(
        f"no article has the id or URL {reference}; `seedwire list` shows every article"
    )


async def iterate_articles(
    store: Store, query: ListingQuery = EVERYTHING
) -> AsyncIterator[ArticleView | UnreadableArticle]:
    """The articles of a list, but in the order of their ids.

    One that cannot be read comes after the others of its page.
    """
    async for ids in _iterate_ids(store, query):
        views, unreadable = await build_readable(store, ids, build_view)
        for view in views.values():
            if query.is_published in (None, view["published"]):
                yield view
        for article in unreadable:
            yield article


async def _iterate_ids(store: Store, query: ListingQuery) -> AsyncIterator[list[str]]:
    """The ids of a list in their order, in pages."""
    if query == EVERYTHING:
        async for articles in pages(store.articles.list_page, PAGE_SIZE):
            yield [article.id for article in articles]
        return
    listings = await store.listings.find(query, limit=None)
    ids = sorted(listing.article_id for listing in listings)
    for start in range(0, len(ids), PAGE_SIZE):
        yield ids[start : start + PAGE_SIZE]


async def load_article(store: Store, reference: str) -> ArticleView:
    """Raises ArticleNotFound or ArticleUnreadable."""
    article_id = await find_article_id(store, reference)
    views, unreadable = await build_readable(store, [article_id], build_view)
    if unreadable:
        raise ArticleUnreadable(str(unreadable[0]))
    return views[article_id]


async def load_article_details(store: Store, reference: str) -> ArticleDetails:
    """Raises ArticleNotFound or ArticleUnreadable."""
    view = await load_article(store, reference)
    pictures = await store.pictures.get([image["url"] for image in view.get("images") or []])
    failures: dict[str, str] = {}
    for picture in pictures.values():
        if picture.state == "failed":
            failures[picture.url] = picture.reason
    return ArticleDetails(view, failures)


async def load_decided_article(store: Store, reference: str) -> DecidedArticle:
    """Raises ArticleNotFound or ArticleUnreadable."""
    view = await load_article(store, reference)
    decisions = await store.decisions.get([view["id"]])
    return DecidedArticle(view, decisions.get(view["id"]))


def describe_decision(decision: Decision) -> dict[str, Any]:
    """The decision as JSON values."""
    return {
        "published": decision.published,
        "heat": decision.heat,
        "lead": decision.lead,
        "reason": decision.reason,
        "inputs": dict(decision.inputs),
        "rules": dict(decision.rules),
        "version": decision.version,
        "revision": decision.revision,
        "decidedAt": format_timestamp(decision.decided_at),
    }


def _is_unicode(text: str) -> bool:
    """Whether a store can look for it: an argument may hold bytes that are no UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def list_spellings(reference: str) -> list[str]:
    """Under what the store may know it: an id, a URL, its page if that is AMP, or folded."""
    url = reference if "://" in reference else f"https://{reference}"
    try:
        canonical = canonical_url(url)
    except ValueError:
        return [reference]
    return [reference, canonical, strip_amp_suffix(canonical), fold_url(canonical)]
