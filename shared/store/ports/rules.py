"""Rules that were promoted: settings kept with the articles, so that every process judges by the same ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Promoted:
    """Settings by their names (`related_score`), as text. `number` counts the promotions from 1."""

    number: int
    settings: Mapping[str, str] = field(default_factory=dict)
    by: str = ""
    at: datetime | None = None


NONE_YET = Promoted(0)


class PromotedRules(Protocol):
    """Written by `seedwire replay --promote`; read by every process when it starts, and before each batch."""

    async def latest(self) -> Promoted:
        """What was promoted last; number 0 and no settings when nothing was."""

    async def promote(self, rules: Promoted) -> bool:
        """Keep *rules*, provided that the number before it stands; False when somebody else promoted meanwhile."""
