"""Published articles as the store has them: exactly the revision that consumers were told."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from services.web.news.featured_html import clean_featured_content
from shared.store import Decision, Listing, ListingQuery, Position, Revision, Store

# Of revisions in one answer. An article has a megabyte at the most, and 20,000 bytes as a rule.
MAX_PAGE_BYTES: Final = 4 << 20


@dataclass(frozen=True)
class PublishedArticle:
    """One article. *fields* are those of the event, with `slug`, and featuredContent cleaned."""

    slug: str
    fields: dict[str, Any]
    revised_at: datetime


@dataclass(frozen=True)
class ArticlePage:
    """A page of a list; *end* is where the next one begins, None if this is the last."""

    articles: Sequence[PublishedArticle]
    end: Position | None


class PublishedArticles:
    """Reads the store. Every call may raise StoreUnavailable."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def list_page(
        self, query: ListingQuery, after: Position | None, size: int
    ) -> ArticlePage:
        """Up to *size* articles. One that is retracted meanwhile is left out."""
        only_published = replace(query, is_published=True)
        listings = await self._store.listings.find(only_published, after, size + 1)
        shown = listings[:size]
        ids = [listing.article_id for listing in shown]
        decisions = await self._store.decisions.get(ids)
        shown = shown[: _count_fitting(shown, decisions)]
        articles = []
        for listing in shown:
            if revision := _published_revision(decisions.get(listing.article_id)):
                articles.append(_build_article(listing, revision))
        is_last = len(shown) == len(listings)
        return ArticlePage(articles, None if is_last else shown[-1].position)

    async def get(self, article_id: str) -> PublishedArticle | None:
        """The published article with this id, if there is one."""
        decisions = await self._store.decisions.get([article_id])
        revision = _published_revision(decisions.get(article_id))
        if revision is None:
            return None
        listings = await self._store.listings.get([article_id])
        listing = listings.get(article_id)
        return None if listing is None else _build_article(listing, revision)

    async def find_by_slug(self, slug: str) -> PublishedArticle | None:
        """Of several with one slug, the one that was published last."""
        page = await self.list_page(ListingQuery(slug=slug), None, 1)
        return page.articles[0] if page.articles else None

    async def get_last_revised(self) -> datetime | None:
        return await self._store.listings.get_last_revised()


def _published_revision(decision: Decision | None) -> Revision | None:
    if decision is None or not decision.published:
        return None
    return decision.latest


def _count_fitting(listings: Sequence[Listing], decisions: dict[str, Decision]) -> int:
    """How many of them fit into one answer; one does always."""
    size = 0
    for number, listing in enumerate(listings):
        decision = decisions.get(listing.article_id)
        size += len(decision.latest.data) if decision and decision.latest else 0
        if size > MAX_PAGE_BYTES and number:
            return number
    return len(listings)


def _build_article(listing: Listing, revision: Revision) -> PublishedArticle:
    fields = json.loads(revision.data)
    fields["slug"] = listing.slug
    if "featuredContent" in fields:
        fields["featuredContent"] = clean_featured_content(fields["featuredContent"])
    return PublishedArticle(listing.slug, fields, revision.at)
