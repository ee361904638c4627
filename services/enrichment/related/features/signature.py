"""The signature of an article: what it is about, and how other articles find it.

The first is a vector of stems with weights, a direction, and the words of the title; the second are
the few heaviest stems.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from services.enrichment.related.features.languages import ENGLISH, language_of
from services.enrichment.related.features.stemming import stem_text, stem_weight
from services.enrichment.related.features.titles.title_words import parse_title
from services.enrichment.related.features.word_vectors import StemTable, load_stem_table
from shared.article import Article
from shared.store import Signature, StoredArticle

TITLE_WEIGHT, EXCERPT_WEIGHT = 1.0, 0.6  # how much a word says in each
MAX_TERMS = 8  # the heaviest stems, for finding candidates: more of them cost and find nothing new


def build_signature(stored: StoredArticle) -> Signature:
    """The signature of this version of an article, read by the table of word vectors.

    Two workers build the same one.
    """
    return build_signatures([stored])[0]


def build_signatures(
    articles: Sequence[StoredArticle], with_directions: bool = True
) -> list[Signature]:
    """The signatures of *articles*, in order, each as it would be alone.

    Their directions are those of the table of word vectors, or empty without *with_directions*.
    """
    table = load_stem_table()
    signatures: list[Signature] = []
    for stored in articles:
        signatures.append(_build_signature(stored, table))
    if not with_directions:
        return signatures
    directions = table.encode_directions([signature.vector for signature in signatures])
    return [
        replace(signature, direction=direction)
        for signature, direction in zip(signatures, directions, strict=True)
    ]


def build_vector(
    title: str, excerpt: str, table: StemTable, language: str = ENGLISH
) -> dict[str, float]:
    """The vector of a text: its stems, in order, with weights of L2 norm 1."""
    return _weigh_stems(stem_text(title, language), stem_text(excerpt, language), table)


def _build_signature(stored: StoredArticle, table: StemTable) -> Signature:
    article = stored.article_without_related
    language = language_of(article)
    vector = build_vector(article.title, article.excerpt or "", table, language)
    return Signature(
        article_id=stored.id,
        version=stored.version,
        published_at=article.published_date_time,
        terms=_select_terms(vector),
        vector=vector,
        title=parse_title(article.title, language),
        outlet=_name_outlet(article),
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


def _name_outlet(article: Article) -> str:
    """Who published the article: the provider's domain, or else its name; "" if unknown."""
    provider = article.provider
    return (provider.domain or provider.name or "") if provider else ""
