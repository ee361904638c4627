"""The publishing rules, as numbers. Every decision keeps the rules by which it was made."""

from dataclasses import dataclass
from typing import Final

OUTRANKED: Final = -1  # the heat of an article that a related article outranks
VERSION: Final = "2"  # increased when the rules themselves change, not their numbers


@dataclass(frozen=True)
class Rules:
    """The numbers that `decision` computes with.

    An article that leads has a heat of its quality, plus *heat_per_relative* for each relative if
    its own quality is *heat_from_quality* or more. All relatives count, but only the best
    *max_related* are shown. With a heat of *publish_at* (the publish threshold) or more it is
    published. A challenger takes the lead only if its quality is higher by at least *margin*; with
    0, whichever ranks first leads, whoever led before.
    """

    heat_per_relative: int = 10
    heat_from_quality: int = 50
    publish_at: int = 70
    margin: int = 2
    max_related: int = 10
    version: str = VERSION

    def bonus(self, quality: int, relatives: int) -> int:
        """The heat that a lead of this quality gains by so many relatives."""
        return self.heat_per_relative * relatives if quality >= self.heat_from_quality else 0
