"""Articles as far as they can be read: one that cannot be does not hide the others.

Another program may have written to the store, or an older Seedwire that allowed more.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from shared.article import SeedError
from shared.errors import SeedwireError
from shared.store import Listing, Store, StoredArticle
from shared.store.ports.article.articles import Articles
from shared.views.article_snapshot import ArticleSnapshot, load_snapshots

Built = TypeVar("Built")


@dataclass(frozen=True)
class UnreadableArticle:
    """An article that is in the store, but of which nothing can be shown."""

    id: str
    problem: str

    def __str__(self) -> str:
        return f"the article {self.id} cannot be read: {self.problem}"

    def as_json(self) -> dict[str, Any]:
        return {"id": self.id, "problem": self.problem}


class ArticleUnreadable(SeedwireError):
    """The named article cannot be read. Consequence: a command ends with exit code 1."""


async def build_readable(
    store: Store, ids: Collection[str], build: Callable[[ArticleSnapshot], Built]
) -> tuple[dict[str, Built], list[UnreadableArticle]]:
    """What *build* makes of each of these articles by id, and those that cannot be read.

    Unknown ids are left out, and so are relatives that cannot be read.
    """
    built: dict[str, Built] = {}
    unreadable: list[UnreadableArticle] = []
    snapshots = await load_snapshots(cast(Store, _ReadableStore(store)), ids)
    for article_id, snapshot in snapshots.items():
        try:
            built[article_id] = build(snapshot)
        except (SeedError, ValueError) as error:
            unreadable.append(UnreadableArticle(article_id, _describe(error)))
    missing = [article_id for article_id in ids if article_id not in snapshots]
    stored = await store.articles.get(missing)
    for article_id, article in stored.items():
        problem = find_problem(article)
        if problem:
            unreadable.append(UnreadableArticle(article_id, problem))
    return built, unreadable


def find_problem(stored: StoredArticle) -> str:
    """Why the stored article cannot be read, or nothing if it can."""
    try:
        stored.check_seed()
    except SeedError as error:
        return _describe(error)
    return ""


def read_title(stored: StoredArticle) -> str:
    problem = find_problem(stored)
    return f"(cannot be read: {problem})" if problem else stored.article_without_related.title


def name_listing(listing: Listing) -> str:
    """The title of a listed article, or why there is none, as `read_title` has it."""
    return f"(cannot be read: {listing.problem})" if listing.problem else listing.title


class _ReadableStore:
    """A store as it looks without the articles that cannot be read."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.articles = _ReadableArticles(store.articles)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


class _ReadableArticles:
    def __init__(self, articles: Articles) -> None:
        self._articles = articles

    async def get(self, ids: Collection[str]) -> dict[str, StoredArticle]:
        found = await self._articles.get(ids)
        readable = [article for article in found.values() if not find_problem(article)]
        return {article.id: article for article in readable}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._articles, name)


def _describe(error: Exception) -> str:
    """The errors of seeds never quote `secured`; those of other parsers may."""
    return str(error) if isinstance(error, SeedError) else type(error).__name__
