"""The feeds that publishing is measured with: articles in the order of arrival, and their links."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from shared.article import (
    Article,
    SeedError,
    canonical_url,
    collect_aliases,
    derive_article_id,
    parse_seed,
    primary_alias,
    render_seed,
)
from shared.article.model import RelatedEntry
from shared.store import ArticleWrite, Link, StoredArticle, ordered_pair
from tests.real_data import load_azure_seeds

BEGINNING = datetime(2026, 3, 2, tzinfo=UTC)

Pair = tuple[str, str]


@dataclass(frozen=True)
class Feed:
    """*articles* in the order of arrival, with the *pairs* of them that are related."""

    name: str
    articles: Sequence[StoredArticle]
    pairs: frozenset[Pair]

    def without_links(self) -> "Feed":
        return Feed(f"{self.name}, unrelated", self.articles, frozenset())


def load_azure_feed() -> Feed:
    """The real seeds of the Azure site, related as they say themselves."""
    articles: dict[str, StoredArticle] = {}
    listed: dict[str, Article] = {}
    owners: dict[str, str] = {}
    for seed in load_azure_seeds().values():
        try:
            article = parse_seed(seed)
        except SeedError:
            continue
        article_id = derive_article_id(primary_alias(article))
        if article_id not in articles:
            articles[article_id] = _store(article_id, article)
            listed[article_id] = article
        for alias in collect_aliases(article):
            owners.setdefault(alias, article_id)
    pairs: set[Pair] = set()
    for article_id, article in listed.items():
        for relative_id in _resolve(article.related, owners) - {article_id}:
            pairs.add(ordered_pair(article_id, relative_id))
    in_order = sorted(articles.values(), key=lambda article: article.accepted_at)
    return Feed("azure", in_order, frozenset(pairs))


def build_dense_story(size: int) -> Feed:
    """One story of *size* articles, each of which is related to all others."""
    articles = [_build_article(number) for number in range(size)]
    ids = [article.id for article in articles]
    pairs = {ordered_pair(a, b) for a in ids for b in ids if a < b}
    return Feed(f"a story of {size}", articles, frozenset(pairs))


def first_write(article: StoredArticle) -> ArticleWrite:
    return ArticleWrite(article, 0)


def links_of(pairs: Iterable[Pair]) -> list[Link]:
    return [Link(a, b, 1.0) for a, b in sorted(pairs)]


def _build_article(number: int) -> StoredArticle:
    url = f"https://paper.example/{number}"
    article = Article(
        title=f"Storm floods the harbour of Torvald, report {number}",
        excerpt="Water stood two metres deep in the streets along the harbour on Monday.",
        published_date_time=BEGINNING + timedelta(minutes=number),
        web_url=url,
        quality=30 + (number * 37) % 61,
    )
    return _store(derive_article_id(canonical_url(url)), article)


def _store(article_id: str, article: Article) -> StoredArticle:
    at = article.published_date_time
    return StoredArticle(article_id, render_seed(article), 1, collect_aliases(article), at, at)


def _resolve(entries: Sequence[RelatedEntry], owners: dict[str, str]) -> set[str]:
    resolved = set()
    for entry in entries:
        urls = (entry.web_url, entry.original_url, entry.amp_web_url, entry.cdn_amp_web_url)
        for url in urls:
            if url and canonical_url(url) in owners:
                resolved.add(owners[canonical_url(url)])
    return resolved
