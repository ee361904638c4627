"""Why two articles are related or not: their score, taken apart with the functions that make it.

The parts add up to the score, and the terms to the part of the words; a test holds them to
`pair_score.py` and `shared_neighbours.py`. All of this is pure. What it needs is in the store,
whether or not the two were ever scored.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from services.enrichment.related.features.feature_cache import FeatureCache
from services.enrichment.related.features.stemming import stem_weight
from services.enrichment.related.features.word_vectors import StemTable
from services.enrichment.related.linking.score_parts import ScoreParts, split_score
from services.enrichment.related.linking.thresholds import Thresholds
from services.enrichment.related.neighbours.candidate_search import CandidateSearch
from services.enrichment.related.neighbours.pair_score import SINGLE_PAIR, time_decay
from services.enrichment.related.neighbours.word_similarity import MIN_WORD_SIMILARITY, word_cosines
from services.enrichment.related.stories.overrides import OverrideConstraints
from shared.store import Signature, ordered_pair

MAX_SIMILAR_WORDS: Final = 12  # more explain nothing


@dataclass(frozen=True)
class SharedTerm:
    """A stem of both articles.

    *weight* is how much it says at all (0 to 10), *weight_in_a* and *weight_in_b* are its weights
    in vectors of length 1, and *share* is its share of the cosine.
    """

    term: str
    weight: float
    weight_in_a: float
    weight_in_b: float
    share: float


@dataclass(frozen=True)
class SimilarWord:
    """A stem of one article and the *nearest* stem of the other; *similarity* is their cosine."""

    term: str
    weight: float  # how much the stem says at all
    nearest: str
    similarity: float


@dataclass(frozen=True)
class ArticlePair:
    """Two articles as the store has them, with their neighbour lists.

    *story_size* is the number of articles in the story that they share; 0 if they share none.
    """

    a: Signature
    b: Signature
    neighbours: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    story_size: int = 0
    constraints: OverrideConstraints = field(default_factory=OverrideConstraints)

    @property
    def ids(self) -> tuple[str, str]:
        return self.a.article_id, self.b.article_id

    @property
    def lists(self) -> list[Mapping[str, float]]:
        """The neighbour lists of both."""
        return [self.neighbours.get(article_id, {}) for article_id in self.ids]

    @property
    def key(self) -> tuple[str, str]:
        return ordered_pair(*self.ids)

    @property
    def days_apart(self) -> float:
        return abs((self.a.published_at - self.b.published_at).total_seconds()) / 86_400

    @property
    def common_terms(self) -> tuple[str, ...]:
        """The terms through which the two find each other."""
        return tuple(term for term in self.a.terms if term in self.b.terms)

    @property
    def is_recurring_column(self) -> bool:
        """Whether the two are issues of one recurring column."""
        return bool(self.a.column) and self.a.column == self.b.column

    @property
    def is_overridden(self) -> bool:
        """Whether an override decides, and no score counts."""
        return self.key in self.constraints.must_link | self.constraints.cannot_link


@dataclass(frozen=True)
class Explanation:
    """Whether the two are related by the current rules, why, and the figures behind it."""

    is_related: bool
    reason: str
    score: float
    threshold: float
    parts: ScoreParts
    cosine: float
    days_apart: float
    time_decay: float
    shared_terms: tuple[SharedTerm, ...]
    similar_words: tuple[SimilarWord, ...]
    found_by: tuple[str, ...]  # the terms through which the two find each other
    is_recurring_column: bool
    is_overridden: bool


def explain(
    articles: ArticlePair, table: StemTable, thresholds: Thresholds, search: CandidateSearch
) -> Explanation:
    """Take the score of the two apart, and compare it with the threshold."""
    signatures = sorted((articles.a, articles.b), key=lambda signature: signature.article_id)
    features = FeatureCache(table, signatures)
    parts = split_score(features, articles.ids, articles.lists, search.min_score)
    threshold = thresholds.for_story_size(articles.story_size)
    is_related, reason = _explain_outcome(articles, parts, threshold, search)
    return Explanation(
        is_related=is_related,
        reason=reason,
        score=parts.total,
        threshold=threshold,
        parts=parts,
        cosine=round(float(word_cosines(features, *SINGLE_PAIR)[0]), 4),
        days_apart=round(articles.days_apart, 3),
        time_decay=round(float(time_decay(features, *SINGLE_PAIR)[0]), 4),
        shared_terms=_list_shared_terms(articles.a, articles.b, table),
        similar_words=_list_similar_words(articles.a, articles.b, table),
        found_by=articles.common_terms,
        is_recurring_column=articles.is_recurring_column,
        is_overridden=articles.is_overridden,
    )


def _list_shared_terms(a: Signature, b: Signature, table: StemTable) -> tuple[SharedTerm, ...]:
    """List the stems of both articles, those with the largest share of the cosine first."""
    shared = a.vector.keys() & b.vector.keys()
    cosine = sum(a.vector[stem] * b.vector[stem] for stem in shared) or 1.0
    terms: list[SharedTerm] = []
    for stem in shared:
        in_a, in_b = a.vector[stem], b.vector[stem]
        terms.append(SharedTerm(stem, stem_weight(stem, table), in_a, in_b, in_a * in_b / cosine))
    return tuple(sorted(terms, key=lambda term: (-term.share, term.term)))


def _list_similar_words(a: Signature, b: Signature, table: StemTable) -> tuple[SimilarWord, ...]:
    """List stems of *a* that *b* lacks but has something similar to, those that add most first."""
    own = [stem for stem in a.vector if stem not in b.vector]
    others = list(b.vector)
    if not own or not others:
        return ()
    units = table.unit_vectors
    similarities = units[table.row_numbers(own)] @ units[table.row_numbers(others)].T
    words: list[SimilarWord] = []
    for stem, row in zip(own, similarities, strict=True):
        if row.max() >= MIN_WORD_SIMILARITY:
            similarity = round(float(row.max()), 3)
            weight = stem_weight(stem, table)
            words.append(SimilarWord(stem, weight, others[row.argmax()], similarity))
    words.sort(key=lambda word: (-word.similarity * a.vector[word.term], word.term))
    return tuple(words[:MAX_SIMILAR_WORDS])


def _explain_outcome(
    articles: ArticlePair, parts: ScoreParts, threshold: float, search: CandidateSearch
) -> tuple[bool, str]:
    """Whether the two are related, and a sentence with the first reason that decides."""
    if articles.key in articles.constraints.must_link:
        return True, "related: an editor pinned them together, whatever their words say"
    exclusion = _find_exclusion(articles, parts, search)
    if exclusion:
        return False, f"not related: {exclusion}"
    score = parts.total
    size = articles.story_size
    where = f"two articles in one story of {size}" if size else "two articles in different stories"
    if score >= threshold:
        return True, f"related: {score:.2f} is at or above the {threshold:.2f} needed by {where}"
    return False, f"not related: {score:.2f} is below the {threshold:.2f} needed by {where}"


def _find_exclusion(articles: ArticlePair, parts: ScoreParts, search: CandidateSearch) -> str:
    """Find what keeps the two from being related at any score; "" if nothing does."""
    if articles.key in articles.constraints.cannot_link:
        return "an editor keeps them apart, whatever their words say"
    if articles.is_recurring_column:
        return "they are issues of one recurring column"
    if articles.days_apart > search.window.total_seconds() / 86_400:
        return f"published {articles.days_apart:.1f} days apart, more than {search.window.days}"
    if articles.common_terms:
        return ""
    if not parts.total:
        return "their words have too little in common for a closer look"
    return "they share none of the terms by which candidates are found"
