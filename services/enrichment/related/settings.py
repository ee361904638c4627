"""The settings of linking.

Their effects were measured on labelled news streams (docs/linking.md).
"""

from datetime import timedelta
from typing import Final, Literal, Self

from pydantic import Field, model_validator

from services.enrichment.related.linking.thresholds import Thresholds
from services.enrichment.related.neighbours.candidate_search import CandidateSearch
from shared.settings import Settings

Preset = Literal["broad", "balanced", "precise"]

PRESETS: Final[dict[Preset, tuple[float, float]]] = {
    "broad": (0.42, 0.24),
    "balanced": (0.50, 0.44),
    "precise": (0.64, 0.52),
}
"""From which score on two articles are related: anywhere, and within one large story.

Evidence: docs/decisions/0029.
"""


class RelatedSettings(Settings):
    # Neighbours share reading and writing: in a backlog an article costs a tenth less in batches of
    # 500 than of 200.
    batch_records: int = Field(default=500, ge=1, le=10_000)
    related_preset: Preset = "balanced"
    # Each of these replaces one threshold of the preset.
    related_score: float | None = Field(default=None, gt=0, le=1)
    related_in_story: float | None = Field(default=None, gt=0, le=1)
    # The same for all workers: embeddings adjust a score only where both articles have one.
    related_model: bool = False
    # A story is over after a week: older articles are no candidates.
    related_window_days: float = Field(default=7, gt=0)
    # Candidates for each term, on either side in time. Enough until there are 200,000 articles
    # within one window; above that, use 128.
    related_per_term: int = Field(default=64, ge=1)
    # Workers recompute what they mark. This is for what a backlog or a crash left behind.
    related_recompute_seconds: float = Field(default=1, gt=0)
    # Redelivery repairs most crashes at once. The sweep finds story events that it cannot reach.
    related_sweep_seconds: float = Field(default=15, gt=0)
    related_overdue_seconds: float = Field(default=30, gt=0)

    @model_validator(mode="after")
    def _check_threshold_order(self) -> Self:
        if self.thresholds.in_story > self.thresholds.related:
            raise ValueError("SEEDWIRE_RELATED_IN_STORY must not be above SEEDWIRE_RELATED_SCORE")
        return self

    @property
    def thresholds(self) -> Thresholds:
        related, in_story = PRESETS[self.related_preset]
        return Thresholds(
            related=self.related_score or related, in_story=self.related_in_story or in_story
        )

    @property
    def candidate_search(self) -> CandidateSearch:
        return CandidateSearch(timedelta(days=self.related_window_days), self.related_per_term)
