"""Signatures of invented articles, read by the table of word vectors."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from services.enrichment.related.features.feature_cache import FeatureCache
from services.enrichment.related.features.readers import Reader
from services.enrichment.related.features.signature import build_signature
from shared.article import Article, Provider, render_seed
from shared.store import Signature, StoredArticle

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def build_article(
    name: str, title: str, excerpt: str = "", days: float = 0, provider: str = ""
) -> StoredArticle:
    at = NOON + timedelta(days=days)
    article = Article(
        title=title,
        excerpt=excerpt or None,
        published_date_time=at,
        web_url=f"https://{name}.example/x",
        provider=Provider(name=provider, domain=provider) if provider else None,
    )
    return StoredArticle(name, render_seed(article), 1, (), at, at)


def sign(
    name: str, title: str, excerpt: str = "", days: float = 0, provider: str = ""
) -> Signature:
    return build_signature(build_article(name, title, excerpt, days, provider))


def cache(signatures: Sequence[Signature]) -> FeatureCache:
    return FeatureCache(Reader("table"), signatures)
