"""The rules of the newsroom, as numbers. Every decision keeps the rules it was made by."""

from dataclasses import dataclass
from typing import Final

OUTRANKED: Final = -1  # the heat of an article that a related one outranks
VERSION: Final = "1"  # counted up when the rules themselves change, not their numbers


@dataclass(frozen=True)
class Rules:
    """Heat of a lead is its quality plus *heat_per_relative* for each of at most *max_related* relatives.

    From *publish_at* on it is published. A challenger takes the lead from its holder when its quality is higher by
    *margin* or more; at least 1, or two articles of one quality would take it from each other for ever.
    """

    heat_per_relative: int = 10
    publish_at: int = 70
    margin: int = 2
    max_related: int = 10
    version: str = VERSION
