"""The publishing rules, as numbers. Every decision keeps the rules by which it was made."""

from dataclasses import dataclass
from typing import Final

OUTRANKED: Final = -1  # the heat of an article that a related article outranks
VERSION: Final = "1"  # increased when the rules themselves change, not their numbers


@dataclass(frozen=True)
class Rules:
    """The numbers that `decision` computes with.

    An article that leads has a heat of its quality plus *heat_per_relative* for each relative, up
    to *max_related* of them. With a heat of *publish_at* (the publish threshold) or more it is
    published. A challenger takes the lead only if its quality is higher by at least *margin*; below
    1, two articles of equal quality would take the lead from each other for ever.
    """

    heat_per_relative: int = 10
    publish_at: int = 70
    margin: int = 2
    max_related: int = 10
    version: str = VERSION
