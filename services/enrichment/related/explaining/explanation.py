"""Why two articles are related or not: the evidence in words, and the chances it amounts to.

Everything here is computed by the functions that link articles, and a test holds it to them. All of
it is pure. What it needs is in the store, whether or not the two were ever compared.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from services.enrichment.related.explaining.article_pair import ArticlePair, LinkingRules
from services.enrichment.related.explaining.statements import Names, Statement, describe_evidence
from services.enrichment.related.features.arrays import Float32Array
from services.enrichment.related.features.feature_cache import FeatureCache
from services.enrichment.related.features.stemming import stem_weight
from services.enrichment.related.judging.feed_statistics import FeedStatistics
from services.enrichment.related.judging.judge import CHANCE_DIGITS, MIN_CHANCE, Relation
from services.enrichment.related.judging.neighbour_list_cache import NeighbourListCache
from services.enrichment.related.neighbours.candidate_search import CandidateSearch
from services.enrichment.related.neighbours.pair_evidence import (
    MIN_NEARNESS,
    SINGLE_PAIR,
    collect_evidence,
)
from services.enrichment.related.neighbours.title_comparison import (
    list_shared_names,
    list_unmatched_names,
)
from shared.store import NeighbourList, Signature

MAX_TERMS: Final = 12  # more explain nothing


@dataclass(frozen=True)
class SharedTerm:
    """A stem of both articles: how much it says (0 to 10), and its share of the cosine."""

    term: str
    weight: float
    share: float


@dataclass(frozen=True)
class CommonNeighbour:
    """An article that is probably about one event with both: the own chances of both pairs."""

    article_id: str
    chances: tuple[float, float]


@dataclass(frozen=True)
class Explanation:
    """Whether the two are related by the current rules, why, and the figures behind it.

    *score* and *event* are the chances that they are related, and about one event; *evidence* has
    what speaks for and against them being related, the weightiest first.
    """

    is_related: bool
    reason: str
    score: float
    event: float
    threshold: float
    evidence: tuple[Statement, ...]
    names: Names
    days_apart: float
    narrowness: float
    common_neighbours: tuple[CommonNeighbour, ...]
    shared_terms: tuple[SharedTerm, ...]
    found_by: tuple[str, ...]  # the terms through which the two find each other
    is_overridden: bool


def explain(articles: ArticlePair, rules: LinkingRules) -> Explanation:
    """Judge the two, and say in words what the chances are made of."""
    features = FeatureCache(rules.reader, [articles.a, articles.b, *articles.neighbours])
    evidence = collect_evidence(features, *SINGLE_PAIR)
    centred = _center(evidence, features, rules.statistics)
    common = _list_common_neighbours(articles, features, rules)
    common_sum = np.log1p(sum(_multiply_surplus(neighbour) for neighbour in common))
    chances = _judge(centred, float(common_sum), rules)
    nearness = float(rules.judge.rank(evidence)[0])
    is_related, reason = _explain_outcome(articles, chances["related"], nearness, rules)
    names = _compare_names(features)
    statements = describe_evidence(
        centred[0], float(common_sum), len(common), names, rules.judge, rules.statistics.narrowness
    )
    return Explanation(
        is_related=is_related,
        reason=reason,
        score=chances["related"],
        event=chances["event"],
        threshold=rules.thresholds.related,
        evidence=statements,
        names=names,
        days_apart=round(articles.days_apart, 3),
        narrowness=rules.statistics.narrowness,
        common_neighbours=common,
        shared_terms=_list_shared_terms(articles.a, articles.b),
        found_by=articles.common_terms,
        is_overridden=articles.is_overridden,
    )


def _center(
    evidence: Float32Array, features: FeatureCache, statistics: FeedStatistics
) -> Float32Array:
    projections = features.directions_of(slice(2)) @ statistics.centre
    return statistics.center_evidence(evidence, projections[:1], projections[1:])


def _judge(centred: Float32Array, common: float, rules: LinkingRules) -> dict[Relation, float]:
    """The final chances of both relations."""
    narrowness = rules.statistics.narrowness
    chances: dict[Relation, float] = {}
    for relation, odds in rules.judge.own_odds(centred, narrowness).items():
        columns = np.array([common])
        final = rules.judge.final_chances(relation, odds, columns, narrowness)
        chances[relation] = round(float(final[0]), CHANCE_DIGITS)
    return chances


def _list_common_neighbours(
    articles: ArticlePair, features: FeatureCache, rules: LinkingRules
) -> tuple[CommonNeighbour, ...]:
    """List the articles in both lists that are probably about one event with both."""
    lists = NeighbourListCache()
    lists.add(
        {
            article_id: NeighbourList.from_entries(1, articles.lists.get(article_id, {}))
            for article_id in articles.ids
        }
    )
    ids = features.article_ids
    lists.set_projections(ids, features.directions_of(slice(len(ids))) @ rules.statistics.centre)
    rows = lists.numbers(articles.ids)
    lists.judge(rows, rules.judge, rules.statistics)
    chances: list[dict[str, float]] = []
    for row in rows.tolist():
        names = lists.ids_of(lists.neighbours[row])
        chances.append(dict(zip(names, lists.surplus[row].tolist(), strict=True)))
    of_a, of_b = chances
    common: list[CommonNeighbour] = []
    for article_id in sorted(of_a.keys() & of_b.keys()):
        if of_a[article_id] > 0 and of_b[article_id] > 0:
            pair = of_a[article_id] + MIN_CHANCE, of_b[article_id] + MIN_CHANCE
            common.append(CommonNeighbour(article_id, pair))
    return tuple(sorted(common, key=lambda neighbour: -_multiply_surplus(neighbour)))


def _multiply_surplus(neighbour: CommonNeighbour) -> float:
    of_a, of_b = neighbour.chances
    return (of_a - MIN_CHANCE) * (of_b - MIN_CHANCE)


def _compare_names(features: FeatureCache) -> Names:
    a, b = features.titles[0], features.titles[1]
    return Names(
        shared=tuple(list_shared_names(a, b)),
        in_a_alone=tuple(list_unmatched_names(a, b)),
        in_b_alone=tuple(list_unmatched_names(b, a)),
    )


def _list_shared_terms(a: Signature, b: Signature) -> tuple[SharedTerm, ...]:
    """List the stems of both articles, those with the largest share of the cosine first."""
    shared = a.vector.keys() & b.vector.keys()
    cosine = sum(a.vector[stem] * b.vector[stem] for stem in shared) or 1.0
    terms: list[SharedTerm] = []
    for stem in shared:
        share = a.vector[stem] * b.vector[stem] / cosine
        terms.append(SharedTerm(stem, stem_weight(stem), share))
    return tuple(sorted(terms, key=lambda term: (-term.share, term.term))[:MAX_TERMS])


def _explain_outcome(
    articles: ArticlePair, score: float, nearness: float, rules: LinkingRules
) -> tuple[bool, str]:
    """Whether the two are related, and a sentence with the first reason that decides."""
    if articles.key in articles.constraints.must_link:
        return True, "related: an editor pinned them together, whatever their words say"
    exclusion = _find_exclusion(articles, nearness, rules.search)
    if exclusion:
        return False, f"not related: {exclusion}"
    threshold = rules.thresholds.related
    if score >= threshold:
        return True, f"related: the chance of {score:.2f} reaches the {threshold:.2f} needed"
    return False, f"not related: the chance of {score:.3f} is below the {threshold:.3f} needed"


def _find_exclusion(articles: ArticlePair, nearness: float, search: CandidateSearch) -> str:
    """Find what keeps the two from being related at any chance; "" if nothing does."""
    if articles.key in articles.constraints.cannot_link:
        return "an editor keeps them apart, whatever their words say"
    if articles.days_apart > search.window.total_seconds() / 86_400:
        return f"published {articles.days_apart:.1f} days apart, more than {search.window.days}"
    if not articles.common_terms:
        return "they share none of the terms by which candidates are found"
    if nearness < MIN_NEARNESS:
        return "they have too little in common to be neighbours"
    return ""
