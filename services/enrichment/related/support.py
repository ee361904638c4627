"""What third parties say of a pair: two articles that are near to the same others are likelier about one event."""

import math
from collections.abc import Mapping

NEIGHBOURS = 20  # of a near list that count: the best
SHARE = 0.15  # how much full agreement adds to the score of a pair


class Near:
    """The near list of an article, as far as it counts: its best neighbours with their scores."""

    __slots__ = ("scores", "square")

    def __init__(self, scores: Mapping[str, float]) -> None:
        best = sorted(scores, key=lambda other: (-scores[other], other))[:NEIGHBOURS]
        self.scores = {other: scores[other] for other in best}
        self.square = sum(score * score for score in self.scores.values())


def supported(a: str, b: str, score: float, near: Mapping[str, Near]) -> float:
    """The *score* of a pair with the support of its neighbourhood: 0 to 1, symmetric.

    Support is the cosine of the two near lists without the pair itself: left in, it would lift any two articles that
    have nobody else.
    """
    one, two = near[a], near[b]
    small, large = (one.scores, two.scores) if len(one.scores) <= len(two.scores) else (two.scores, one.scores)
    shared = sum(value * large[other] for other, value in small.items() if other in large)
    if not shared:
        return score
    squares = (one.square - one.scores.get(b, 0.0) ** 2) * (two.square - two.scores.get(a, 0.0) ** 2)
    return min(1.0, score + SHARE * min(1.0, shared / math.sqrt(squares)))
