"""Publishing's own settings. The defaults of the rules come from real seeds (decision 0004)."""

from pydantic import Field

from services.publishing.deciding.rules import Rules
from shared.settings import Settings


class PublishingSettings(Settings):
    publish_at: int = Rules.publish_at
    publish_heat_per_relative: int = Field(default=Rules.heat_per_relative, ge=0)
    # Relatives of a poor article say little: below this quality they add nothing to its heat.
    publish_heat_from_quality: int = Field(default=Rules.heat_from_quality, ge=0)
    # Scores move by a point or two while a story unfolds; the lead must not change for that.
    publish_margin: int = Field(default=Rules.margin, ge=0)
    publish_max_related: int = Field(default=Rules.max_related, ge=1, le=100)
    # Redelivery repairs a crash at once; the sweep is for what redelivery cannot reach.
    publish_sweep_seconds: float = Field(default=15, gt=0)
    publish_overdue_seconds: float = Field(default=30, gt=0)

    @property
    def rules(self) -> Rules:
        return Rules(
            heat_per_relative=self.publish_heat_per_relative,
            heat_from_quality=self.publish_heat_from_quality,
            publish_at=self.publish_at,
            margin=self.publish_margin,
            max_related=self.publish_max_related,
        )
