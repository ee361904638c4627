"""Rulesets: promoted settings, kept with the articles, by which every process decides."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol


@dataclass(frozen=True)
class Ruleset:
    """Settings by their names (`related_score`), as text. `number` counts the promotions from 1."""

    number: int
    settings: Mapping[str, str] = field(default_factory=dict)
    by: str = ""
    at: datetime | None = None


NO_RULESET: Final = Ruleset(0)


class Rulesets(Protocol):
    """`seedwire replay --promote` writes here.

    Every worker reads when it starts, and before each batch.
    """

    async def get_latest(self) -> Ruleset:
        """The ruleset promoted last; number 0 and no settings when there is none."""

    async def promote(self, ruleset: Ruleset) -> bool:
        """Keep *ruleset*, if the number before it is the latest; False if another was faster."""
