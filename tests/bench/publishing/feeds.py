"""The feeds that publishing is measured with: articles in the order of arrival, and their links."""

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from services.enrichment.related.main import build_handler
from services.enrichment.related.settings import RelatedSettings
from services.enrichment.related.stream import build_record, recompute_all
from shared.article import (
    Article,
    SeedError,
    canonical_url,
    collect_aliases,
    derive_article_id,
    list_related_urls,
    parse_seed,
    primary_alias,
    render_seed,
)
from shared.store import ArticleWrite, Link, Store, StoredArticle, connect, ordered_pair
from tests.real_data import load_azure_seeds

LINKED_AT_ONCE = 500  # articles
BEGINNING = datetime(2026, 3, 2, tzinfo=UTC)

Pair = tuple[str, str]


@dataclass(frozen=True)
class Feed:
    """*articles* in the order of arrival, with the *pairs* of them that are related."""

    name: str
    articles: Sequence[StoredArticle]
    pairs: frozenset[Pair]

    def without_links(self) -> "Feed":
        return Feed("the same, unrelated", self.articles, frozenset())


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
        named = list_related_urls(article) & owners.keys()
        for relative_id in {owners[url] for url in named} - {article_id}:
            pairs.add(ordered_pair(article_id, relative_id))
    in_order = sorted(articles.values(), key=lambda article: article.accepted_at)
    return Feed("azure, as its seeds say", in_order, frozenset(pairs))


async def link_feed(feed: Feed) -> Feed:
    """The articles of *feed*, related as linking relates them by default, in the end."""
    linking = build_handler(RelatedSettings())
    with tempfile.TemporaryDirectory() as folder:
        store = connect(f"sqlite:///{folder}/linked.sqlite?synchronous=normal")
        await store.open()
        try:
            for start in range(0, len(feed.articles), LINKED_AT_ONCE):
                articles = feed.articles[start : start + LINKED_AT_ONCE]
                await store.articles.save([first_write(article) for article in articles])
                await linking.handle([build_record(article) for article in articles], store)
            await recompute_all(linking, store)
            pairs = await _list_pairs(feed, store)
        finally:
            await store.close()
    return Feed("azure, as linking says", feed.articles, pairs)


async def _list_pairs(feed: Feed, store: Store) -> frozenset[Pair]:
    pairs: set[Pair] = set()
    for start in range(0, len(feed.articles), LINKED_AT_ONCE):
        ids = [article.id for article in feed.articles[start : start + LINKED_AT_ONCE]]
        pairs.update((link.a, link.b) for link in await store.links.list_around(ids))
    return frozenset(pairs)


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
