"""The signature of an article: a vector of stems that says what the article is about, and the few
stems by which other articles find it."""

import math
import re
from collections.abc import Mapping, Sequence

from services.enrichment.related.features.languages import ENGLISH, language_of
from services.enrichment.related.features.stemming import stem_text, stem_weight
from services.enrichment.related.features.word_vectors import StemTable, load_stem_table
from shared.article import Article
from shared.store import Signature, StoredArticle

TITLE_WEIGHT, EXCERPT_WEIGHT = 1.0, 0.6  # how much a word says in each
MAX_TERMS = 8  # the heaviest stems, for finding candidates: more of them cost and find nothing new

_NUMBER = re.compile(r"\d+")


def build_signature(stored: StoredArticle) -> Signature:
    """The signature of this version of an article. Two workers build the same one."""
    return build_signatures([stored])[0]


def build_signatures(articles: Sequence[StoredArticle]) -> list[Signature]:
    """The signatures of *articles*, in order, each as it would be alone."""
    table = load_stem_table()
    columns, vectors = [], []
    for stored in articles:
        article = stored.article
        language = language_of(article)
        title = stem_text(article.title, language)
        excerpt = stem_text(article.excerpt or "", language)
        columns.append(_column_of(article, title, language))
        vectors.append(_weigh_stems(title, excerpt, table))
    directions = table.encode_directions(vectors)
    parts = zip(articles, columns, vectors, directions, strict=True)
    return [_build_signature(*part) for part in parts]


def build_vector(
    title: str, excerpt: str, table: StemTable, language: str = ENGLISH
) -> dict[str, float]:
    """The vector of a text: its stems, in order, with weights of L2 norm 1."""
    return _weigh_stems(stem_text(title, language), stem_text(excerpt, language), table)


def _build_signature(
    stored: StoredArticle, column: str, vector: Mapping[str, float], direction: bytes
) -> Signature:
    return Signature(
        article_id=stored.id,
        version=stored.version,
        published_at=stored.article.published_date_time,
        terms=_select_terms(vector),
        vector=vector,
        column=column,
        direction=direction,
    )


def _select_terms(vector: Mapping[str, float]) -> tuple[str, ...]:
    """Select the heaviest stems; of equally heavy ones those that sort first."""
    by_weight = sorted(sorted(vector), key=vector.__getitem__, reverse=True)
    return tuple(by_weight[:MAX_TERMS])


def _weigh_stems(
    title: Sequence[str], excerpt: Sequence[str], table: StemTable
) -> dict[str, float]:
    weights = {stem: TITLE_WEIGHT * stem_weight(stem, table) for stem in dict.fromkeys(title)}
    for stem in dict.fromkeys(excerpt):
        weights[stem] = weights.get(stem, 0.0) + EXCERPT_WEIGHT * stem_weight(stem, table)
    norm = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
    return {stem: weight / norm for stem, weight in weights.items()}


def _column_of(article: Article, title_stems: Sequence[str], language: str) -> str:
    """The recurring column that the article may be an issue of: its provider and its title.

    Numbers are left out of the title, so that all issues of a column have the same value. Issues of
    a column are not a story. Empty if the article has no provider or no words.
    """
    provider = article.provider
    provider_name = provider.domain or provider.name if provider else None
    if _NUMBER.search(article.title):
        title_stems = stem_text(_NUMBER.sub(" ", article.title), language)
    if not provider_name or not title_stems:
        return ""
    return f"{provider_name}|{' '.join(title_stems)}"
