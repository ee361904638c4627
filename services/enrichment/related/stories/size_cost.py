"""What the size of a cluster costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

Costs = Sequence[float]
"""The cost of a cluster, by its size."""


@dataclass(frozen=True)
class SizeCost:
    """What one more member of a cluster costs.

    It costs *close* for each of the first *few* members, and *loose* for each other. So in a small
    story an article must be linked to nearly all members. In a large one, whose members know only
    their nearest neighbours, links to some are enough.

    From *most* others on a newcomer pays no more. An article has so many neighbours and no more,
    so with a cost that grew on, an election night of 2,000 articles would come apart into stories
    of 500.
    """

    close: float = 0.44
    few: int = 14
    loose: float = 0.012
    most: int = 400  # the largest story of the labelled streams has 314

    def of_cluster(self, size: int) -> float:
        """The cost of a whole cluster with *size* articles."""
        first = min(size, self.few + 1)
        rest = size - first
        close_pairs = first * (first - 1) / 2 + rest * self.few
        counted = min(rest, self.most)
        loose_pairs = counted * (counted + 1) / 2 + (rest - counted) * self.most
        return self.close * close_pairs + self.loose * loose_pairs


def list_costs(cost: SizeCost, max_size: int) -> Costs:
    """The costs of clusters up to *max_size* and more."""
    return _list_costs(cost, 1 << max_size.bit_length())


@lru_cache(maxsize=16)
def _list_costs(cost: SizeCost, end: int) -> Costs:
    """Costs up to a power of two: so few lists are made."""
    return [cost.of_cluster(size) for size in range(end)]
