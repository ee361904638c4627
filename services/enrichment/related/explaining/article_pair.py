"""What the explanation of a pair rests on: the two articles, and the rules that link them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.enrichment.related.features.readers import Reader
from services.enrichment.related.judging.feed_statistics import FeedStatistics
from services.enrichment.related.judging.judge import Judge
from services.enrichment.related.linking.thresholds import Thresholds
from services.enrichment.related.neighbours.candidate_search import CandidateSearch
from services.enrichment.related.stories.overrides import OverrideConstraints
from shared.store import Neighbour, Signature, ordered_pair


@dataclass(frozen=True)
class ArticlePair:
    """Two articles as the store has them, with their neighbour lists.

    *neighbours* are the signatures of the articles in these lists.
    """

    a: Signature
    b: Signature
    lists: Mapping[str, Mapping[str, Neighbour]] = field(default_factory=dict)
    neighbours: Sequence[Signature] = ()
    constraints: OverrideConstraints = field(default_factory=OverrideConstraints)

    @property
    def ids(self) -> tuple[str, str]:
        return self.a.article_id, self.b.article_id

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
    def is_overridden(self) -> bool:
        """Whether an override decides, and no chance counts."""
        return self.key in self.constraints.must_link | self.constraints.cannot_link


@dataclass(frozen=True)
class LinkingRules:
    """What the chances of a pair depend on besides the articles."""

    reader: Reader
    judge: Judge
    statistics: FeedStatistics
    thresholds: Thresholds
    search: CandidateSearch
