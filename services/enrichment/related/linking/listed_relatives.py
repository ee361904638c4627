"""Which relatives of an article are listed.

An article in a large story has dozens of relatives, all of them right, and a list of all is no
help. The best ten are listed. Where more are asked for, another one must be as like the article as
the least like of these, so in a dense neighbourhood the list ends early.
"""

from collections.abc import Sequence
from typing import Final

ALWAYS_LISTED: Final = 10


def choose_listed(likenesses: Sequence[float], limit: int) -> list[int]:
    """The places of the relatives that are listed, at most *limit*.

    *likenesses* are those of the links with all relatives, best first.
    """
    listed = [*range(min(len(likenesses), ALWAYS_LISTED, limit))]
    if len(likenesses) <= ALWAYS_LISTED:
        return listed
    least = min(likenesses[:ALWAYS_LISTED])
    for place in range(ALWAYS_LISTED, len(likenesses)):
        if len(listed) < limit and likenesses[place] >= least:
            listed.append(place)
    return listed
