"""The signature of an article: what it is about as a vector of stems, and the few by which others find it."""

import math
import re
from collections.abc import Mapping, Sequence

from services.enrichment.related.features.languages import ENGLISH, language_of
from services.enrichment.related.features.stemming import stems, weight
from services.enrichment.related.features.word_vectors import Table, table
from shared.article import Article
from shared.store import Signature, StoredArticle

TITLE, EXCERPT = 1.0, 0.6  # how much a word in each says
TERMS = 8  # heaviest stems to be found by; more cost candidates and find nothing new

_CHANGING = re.compile(r"\d+")


def sign(stored: StoredArticle) -> Signature:
    """The signature of this version. Deterministic: two workers make the same one."""
    return sign_all([stored])[0]


def sign_all(articles: Sequence[StoredArticle]) -> list[Signature]:
    """Theirs, in order: each as it would be alone."""
    words = table()
    columns, vectors = [], []
    for stored in articles:
        article = stored.article
        language = language_of(article)
        title, excerpt = stems(article.title, language), stems(article.excerpt or "", language)
        columns.append(_column(article, title, language))
        vectors.append(_weighed(title, excerpt, words))
    parts = zip(articles, columns, vectors, words.meanings(vectors), strict=True)
    return [_signature(*part) for part in parts]


def _signature(
    stored: StoredArticle, column: str, vector: Mapping[str, float], meaning: bytes
) -> Signature:
    return Signature(
        article_id=stored.id,
        version=stored.version,
        published_at=stored.article.published_date_time,
        terms=_heaviest(vector),
        vector=vector,
        column=column,
        meaning=meaning,
    )


def _heaviest(vector: Mapping[str, float]) -> tuple[str, ...]:
    """Of equals the smaller."""
    return tuple(sorted(sorted(vector), key=vector.__getitem__, reverse=True)[:TERMS])


def weigh(title: str, excerpt: str, words: Table, language: str = ENGLISH) -> dict[str, float]:
    """The vector of a text: its stems in order, with weights of L2 norm 1."""
    return _weighed(stems(title, language), stems(excerpt, language), words)


def _weighed(title: Sequence[str], excerpt: Sequence[str], words: Table) -> dict[str, float]:
    weights = {stem: TITLE * weight(stem, words) for stem in dict.fromkeys(title)}
    for stem in dict.fromkeys(excerpt):
        weights[stem] = weights.get(stem, 0.0) + EXCERPT * weight(stem, words)
    norm = math.sqrt(sum(value * value for value in weights.values())) or 1.0
    return {stem: value / norm for stem, value in weights.items()}


def _column(article: Article, title: Sequence[str], language: str) -> str:
    """Provider and title, whose stems are *title*, without numbers: alike for the issues of a column, which are no
    story."""
    provider = article.provider.domain or article.provider.name if article.provider else None
    if _CHANGING.search(article.title):
        title = stems(_CHANGING.sub(" ", article.title), language)
    return f"{provider}|{' '.join(title)}" if provider and title else ""
