"""The settings of linking.

Their effects were measured on labelled news streams (docs/linking.md).
"""

from datetime import timedelta
from pathlib import Path
from typing import Final, Literal

from pydantic import Field

from services.enrichment.related.features.sentence_model import DEFAULT_FOLDER
from services.enrichment.related.linking.thresholds import Thresholds
from services.enrichment.related.neighbours.candidate_search import CandidateSearch
from shared.settings import Settings

Preset = Literal["broad", "balanced", "precise"]

PRESETS: Final[dict[Preset, float]] = {"broad": 0.2, "balanced": 0.5, "precise": 0.8}
"""From which chance of being related on two articles are linked."""


class RelatedSettings(Settings):
    # Neighbours share reading and writing: in a backlog an article costs a tenth less in batches of
    # 500 than of 200.
    batch_records: int = Field(default=500, ge=1, le=10_000)
    # Given: the articles that seeds list are the relations, and nothing is linked.
    related: Literal["linked", "given"] = "linked"
    related_preset: Preset = "balanced"
    # Replaces the preset's chance.
    related_score: float | None = Field(default=None, gt=0, le=1)
    # `auto` reads articles with the sentence model where it is installed. One reader for a store:
    # directions of two readers cannot be compared.
    related_model: Literal["auto", "on", "off"] = "auto"
    # The folder that `make model` installed it in.
    related_model_folder: Path = DEFAULT_FOLDER
    # A story is over after a week: older articles are no candidates.
    related_window_days: float = Field(default=7, gt=0)
    # Candidates for each term, on either side in time. With 64, the order of arrival decides which
    # of a large story's articles are compared.
    related_per_term: int = Field(default=128, ge=1)
    # Workers recompute what they mark. This is for what a backlog or a crash left behind.
    related_recompute_seconds: float = Field(default=1, gt=0)
    # Redelivery repairs most crashes at once. The sweep finds story events that it cannot reach.
    related_sweep_seconds: float = Field(default=15, gt=0)
    related_overdue_seconds: float = Field(default=30, gt=0)
    # How often the statistics of the feed are compared with the articles in the store.
    related_feed_seconds: float = Field(default=20, gt=0)

    @property
    def thresholds(self) -> Thresholds:
        return Thresholds(self.related_score or PRESETS[self.related_preset])

    @property
    def candidate_search(self) -> CandidateSearch:
        return CandidateSearch(timedelta(days=self.related_window_days), self.related_per_term)
