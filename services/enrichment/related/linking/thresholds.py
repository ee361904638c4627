"""The scores from which on articles are related, and what else decides about links and stories."""

from dataclasses import dataclass, field

from services.enrichment.related.stories.size_cost import SizeCost


@dataclass(frozen=True)
class Thresholds:
    """From which score on two articles are related: *related* anywhere, less within one story.

    A story of two is there because of their one link, and so lowers nothing. Each further member
    takes *step* off *related*, down to *in_story*. Links below *min_link* do not count for stories.
    *max_articles*: about so many articles are recomputed together, those that changed among them;
    where more changed, these and their stories alone.
    """

    related: float
    in_story: float
    step: float = 0.02
    min_link: float = 0.25
    max_articles: int = 2000
    cost: SizeCost = field(default_factory=SizeCost)

    def for_story_size(self, size: int) -> float:
        """The score that two articles of a story of *size* need; 0 or 1 if they share no story."""
        return max(self.in_story, self.related - self.step * max(0, size - 2))
