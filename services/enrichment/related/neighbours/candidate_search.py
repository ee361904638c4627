"""Which articles are compared with each other."""

from dataclasses import dataclass
from datetime import timedelta

from services.enrichment.related.features.feature_cache import FeatureCache


@dataclass(frozen=True)
class CandidateSearch:
    """Where candidates are looked for.

    Candidates share a term with the article and were published within *window* of it. Of each term
    the *per_term* nearest in time on either side are compared.
    """

    window: timedelta
    per_term: int

    def can_find(self, features: FeatureCache, a: int, b: int) -> bool:
        """Whether two articles, given by number, share a term and lie within the window."""
        max_days = self.window / timedelta(days=1)
        if abs(features.days[a] - features.days[b]) > max_days:
            return False
        return not set(features.terms[a]).isdisjoint(features.terms[b])
