"""How likely two articles are about one event: one function, 0 to 1, symmetric, of nothing but the two."""

import math

from shared.store import Signature

MEMORY_DAYS = 30.0  # news ages: the score falls to a third within this time


def score(one: Signature, two: Signature) -> float:
    """Cosine of the two vectors, less with the days between them. Issues of one recurring column score 0."""
    if one.column and one.column == two.column:
        return 0.0
    small, large = sorted((one.vector, two.vector), key=len)
    cosine = sum(value * large.get(stem, 0.0) for stem, value in small.items())
    days = abs((one.published_at - two.published_at).total_seconds()) / 86_400
    return round(cosine * math.exp(-days / MEMORY_DAYS), 6)
