"""The settings of linking. Figures from a study on three labelled news streams (docs/linking.md)."""

from pydantic import Field

from shared.settings import Settings


class RelatedSettings(Settings):
    # Related from this score on. Pairs at .24 to .28 are right half the time, at .34 to .42 85 %, above .42 95 %.
    related_score: float = Field(default=0.25, gt=0, le=1)
    # A story is over after a week: older articles are no candidates.
    related_window_days: float = Field(default=7, gt=0)
    # For each shared term the newest so many: enough until 200,000 articles stand in one window, then 128.
    related_per_term: int = Field(default=64, ge=1)
    # Workers settle what they mark; this is for what a batch left over, and for what a crash left behind.
    related_settle_seconds: float = Field(default=1, gt=0)
    # A crash is mended by redelivery at once; the sweep is for notices of stories that it cannot reach.
    related_sweep_seconds: float = Field(default=15, gt=0)
    related_overdue_seconds: float = Field(default=30, gt=0)
