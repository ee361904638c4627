"""The settings of linking. What the figures are worth was measured on labelled news streams (docs/linking.md)."""

from datetime import timedelta
from typing import Final, Literal, Self

from pydantic import Field, model_validator

from services.enrichment.related.linking.linker import Reach
from services.enrichment.related.linking.recompute import Bar
from shared.settings import Settings

Preset = Literal["broad", "balanced", "precise"]

PRESETS: Final[dict[Preset, tuple[float, float]]] = {
    "broad": (0.42, 0.24),
    "balanced": (0.50, 0.44),
    "precise": (0.64, 0.52),
}
"""From which score on two articles are related: anywhere, and in one large story. Evidence: docs/decisions/0029."""


class RelatedSettings(Settings):
    # Neighbours share reading and writing: of a backlog 500 together cost an article a tenth less than 200.
    batch_records: int = Field(default=500, ge=1, le=10_000)
    related_preset: Preset = "balanced"
    # One threshold or the other instead of the preset's.
    related_score: float | None = Field(default=None, gt=0, le=1)
    related_in_story: float | None = Field(default=None, gt=0, le=1)
    # All workers alike: a score needs what the model made of both articles.
    related_model: bool = False
    # A story is over after a week: older articles are no candidates.
    related_window_days: float = Field(default=7, gt=0)
    # For each shared term the nearest so many on either side: enough until 200,000 articles stand in one window, then
    # 128.
    related_per_term: int = Field(default=64, ge=1)
    # Workers settle what they mark; this is for what a backlog left over, and for what a crash left behind.
    related_settle_seconds: float = Field(default=1, gt=0)
    # A crash is mended by redelivery at once; the sweep is for notices of stories that it cannot reach.
    related_sweep_seconds: float = Field(default=15, gt=0)
    related_overdue_seconds: float = Field(default=30, gt=0)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.bar.in_story > self.bar.related:
            raise ValueError("SEEDWIRE_RELATED_IN_STORY must not be above SEEDWIRE_RELATED_SCORE")
        return self

    @property
    def bar(self) -> Bar:
        related, in_story = PRESETS[self.related_preset]
        return Bar(
            related=self.related_score or related, in_story=self.related_in_story or in_story
        )

    @property
    def reach(self) -> Reach:
        return Reach(timedelta(days=self.related_window_days), self.related_per_term)
