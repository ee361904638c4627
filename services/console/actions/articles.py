"""Articles as the store knows them. Works while no service runs."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from services.console.actions.timestamps import format_timestamp
from shared.article import canonical_url
from shared.article_view import load_views
from shared.errors import SeedwireError
from shared.store import Decision, Store, pages

PAGE_SIZE: Final = 200  # articles read at once

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
    article = await store.articles.find(reference)
    if article is None:
        article = await store.articles.find(_as_alias(reference))
    if article is None:
        raise ArticleNotFound(
            f"no article has the id or URL {reference}; `seedwire list` shows every article"
        )
    return article.id


async def iterate_articles(
    store: Store, published: bool | None = None
) -> AsyncIterator[ArticleView]:
    """All articles in the order of their ids, or only those that are or are not *published*."""
    async for page in pages(store.articles.list_page, PAGE_SIZE):
        views = await load_views(store, [article.id for article in page])
        for view in views.values():
            if published is None or view["published"] == published:
                yield view


async def list_articles(store: Store, published: bool | None = None) -> list[ArticleView]:
    """The same, hottest first."""
    articles = [article async for article in iterate_articles(store, published)]
    return sorted(articles, key=_by_heat)


async def load_article(store: Store, reference: str) -> ArticleView:
    """Raises ArticleNotFound."""
    article_id = await find_article_id(store, reference)
    views = await load_views(store, [article_id])
    return views[article_id]


async def load_article_details(store: Store, reference: str) -> ArticleDetails:
    """Raises ArticleNotFound."""
    view = await load_article(store, reference)
    pictures = await store.pictures.get([image["url"] for image in view.get("images") or []])
    failures: dict[str, str] = {}
    for picture in pictures.values():
        if picture.state == "failed":
            failures[picture.url] = picture.reason
    return ArticleDetails(view, failures)


async def load_decided_article(store: Store, reference: str) -> DecidedArticle:
    """Raises ArticleNotFound."""
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


def _by_heat(article: ArticleView) -> tuple[int, str]:
    return -(article.get("heat") or 0), article["id"]


def _as_alias(reference: str) -> str:
    """The canonical URL that names an article in the store; the reference itself if it is none."""
    url = reference if "://" in reference else f"https://{reference}"
    try:
        return canonical_url(url)
    except ValueError:
        return reference
