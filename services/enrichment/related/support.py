"""What third parties say of a pair: two articles that are near to the same others are likelier about one event."""

from collections.abc import Mapping, Sequence

import numpy as np

NEIGHBOURS = 32  # of a near list that count: the best
SHARE = 0.5  # how much full agreement adds to the score of a pair
FAINT = 0.199  # of a score says nothing: near lists begin there, and a common topic must not count as a common event
_NOBODY = 0  # fills the rows of short lists; weighs nothing
_TINY = 1e-9


class Support:
    """The near lists of many articles, side by side: of each its best neighbours and how near they are."""

    def __init__(self) -> None:
        self._number = {"": _NOBODY}
        self._neighbours = np.zeros((64, NEIGHBOURS), np.int32)
        self._values = np.zeros((64, NEIGHBOURS))
        self._squares = np.zeros(64)

    def add(self, lists: Mapping[str, Mapping[str, float]]) -> None:
        """Take in near lists, each best first."""
        for one, scores in lists.items():
            best = list(scores.items())[:NEIGHBOURS]
            row = self._number_of(one)
            numbers = [self._number_of(other) for other, _ in best]
            values = [score - FAINT for _, score in best]
            self._neighbours[row, : len(best)] = numbers
            self._values[row, : len(best)] = values
            self._squares[row] = sum(value * value for value in values)

    def scores(self, one: str, others: Sequence[str], pairs: Sequence[float]) -> list[float]:
        """The *pairs* scores of *one* with *others*, with the support of their neighbourhoods: 0 to 1, symmetric.

        Support is the cosine of two near lists without the pair itself: left in, it would lift any two articles that
        have nobody else. All articles must have been added.
        """
        row = self._number[one]
        rows = np.array([self._number[other] for other in others])
        mine = np.zeros(len(self._number))
        mine[self._neighbours[row]] = self._values[row]
        mine[_NOBODY] = 0.0
        theirs, values = self._neighbours[rows], self._values[rows]
        shared = (values * mine[theirs]).sum(1)
        back = (values * (theirs == row)).sum(1)
        squares = (self._squares[row] - mine[rows] ** 2) * (self._squares[rows] - back**2)
        support = np.minimum(1.0, shared / np.sqrt(np.maximum(squares, _TINY)))
        found: list[float] = np.minimum(1.0, np.array(pairs) + SHARE * support).round(4).tolist()
        return found

    def _number_of(self, name: str) -> int:
        number = self._number.setdefault(name, len(self._number))
        if number >= len(self._squares):
            self._neighbours = np.concatenate([self._neighbours, np.zeros_like(self._neighbours)])
            self._values = np.concatenate([self._values, np.zeros_like(self._values)])
            self._squares = np.concatenate([self._squares, np.zeros_like(self._squares)])
        return number
