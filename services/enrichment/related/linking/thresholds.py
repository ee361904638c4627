"""The chances from which on articles are linked, and what else decides about links and stories."""

from dataclasses import dataclass, field

from services.enrichment.related.stories.size_cost import SizeCost


@dataclass(frozen=True)
class Thresholds:
    """From which chance on two articles are *related*.

    Stories are built on the chances of one event, from *event* on. *max_articles*: about so many
    articles are recomputed together, those that changed among them; where more changed, these and
    their stories alone.
    """

    related: float
    event: float = 0.25
    max_articles: int = 2000
    cost: SizeCost = field(default_factory=SizeCost)
