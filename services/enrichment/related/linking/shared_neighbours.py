"""What third parties say of a pair: two articles that are near to the same others are likelier about one event.

Near lists are kept side by side as arrays, so that the pairs of many articles are scored in one go.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.enrichment.related.features.feature_cache import doubled
from services.enrichment.related.features.id_index import Numbering
from shared.store import Store
from shared.store.ports.relations import BEST, NearList

LINKED: Final = 20  # of the best may be linked: people see ten, and some of those are linked from the other side
SHARE: Final = (
    0.5  # how much full agreement adds to the score of a pair; half of it only a quarter of that
)
FAINT: Final = 0.199  # of a score says nothing: near lists begin there, and a common topic must not count as an event
AT_ONCE: Final = (
    16  # articles whose lists are spread out at once: more would not stay in the processor's cache
)
_NOBODY: Final = 0  # fills the rows of short lists; weighs nothing
_TINY: Final = 1e-9

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Pairs:
    """The *n* articles in `rows`, each with the best of its list.

    `others` are their numbers, in the order of the list; `scores` are with support. Both are *n* x BEST, with 0 where a
    list is shorter. `linked`: this is one of the LINKED best of either.
    """

    rows: Ints
    others: Ints
    scores: Floats
    linked: Bools


class NearLists:
    """The best of near lists as they were last read, by number. Not state: a memory, checked against the stamps."""

    def __init__(self) -> None:
        self._number = Numbering("")  # "" is _NOBODY
        self._stamps: dict[str, int] = {}
        self.names = self._number.names
        self._others = np.zeros((1024, BEST), np.int32)
        self._values = np.zeros((1024, BEST))
        self._squares = np.zeros(1024)

    def __len__(self) -> int:
        return len(self.names)

    async def read(self, ids: Collection[str], store: Store) -> dict[str, int]:
        """Have these lists as they stand now. Returns their stamps, 0 for an article that has none."""
        known = {one: self.stamp(one) for one in ids}
        found = await store.relations.near_anew(known)
        self.take(found)
        return known | {one: item.stamp for one, item in found.items()}

    def take(self, lists: Mapping[str, NearList]) -> None:
        """Have these lists from now on."""
        rows = self.numbers(lists)
        best = [near.others[:BEST] for near in lists.values()]
        sizes = np.array([*map(len, best)], np.intp)
        begins = np.cumsum(sizes) - sizes
        entries = np.repeat(rows, sizes), np.arange(sizes.sum()) - np.repeat(begins, sizes)
        others = self.numbers(chain.from_iterable(best))
        self._others[rows], self._values[rows] = _NOBODY, 0
        self._others[entries] = others
        self._values[entries] = [
            score - FAINT for near in lists.values() for score in near.scores[:BEST]
        ]
        self._squares[rows] = np.einsum("nb,nb->n", self._values[rows], self._values[rows])
        self._stamps.update((one, near.stamp) for one, near in lists.items())

    def stamp(self, one: str) -> int:
        """Of its list as it is kept here; 0 for none."""
        return self._stamps.get(one, 0)

    def numbers(self, ids: Iterable[str]) -> Ints:
        """By which these articles are known here."""
        numbers = np.array(self._number.of(ids), np.int32)
        while len(self) > len(self._squares):
            self._grow()
        return numbers

    def around(self, rows: Ints) -> list[str]:
        """Everyone in the lists of *rows*."""
        return [self.names[number] for number in np.unique(self._others[rows]).tolist() if number]

    def pairs(self, rows: Ints) -> Pairs:
        """The pairs of *rows* with all in their lists, which must have been read too.

        To the pair's own score comes support: the square of the cosine of the two near lists without the pair itself.
        Left in, it would lift any two articles that have nobody else. Squared, because a common topic makes lists
        agree in part, an event nearly in full.
        """
        scores, linked = np.zeros((len(rows), BEST)), np.zeros((len(rows), BEST), bool)
        spread = np.zeros((AT_ONCE, len(self._squares)))
        for start in range(0, len(rows), AT_ONCE):
            part = slice(start, start + AT_ONCE)
            scores[part], linked[part] = self._scored(rows[part], spread)
        return Pairs(rows, self._others[rows], scores, linked)

    def from_behind(self, ones: Ints, others: Ints) -> tuple[Ints, Ints, Floats]:
        """The ones, the others and the scores of those pairs that only the other has in its list, and may be linked.

        *ones* and *others*: *n* each, a pair by place.
        """
        here = (self._others[others, :LINKED] == ones[:, None]).any(1)
        here &= ~(self._others[ones] == others[:, None]).any(1)
        ones, others = ones[here], others[here]
        at = (self._others[others] == ones[:, None]).argmax(1)
        same = self._others[ones][:, :, None] == self._others[others][:, None, :]
        same &= (self._others[ones] != _NOBODY)[:, :, None]
        shared = np.einsum("ab,ac,abc->a", self._values[ones], self._values[others], same)
        squares = self._squares[ones] * (self._squares[others] - self._values[others, at] ** 2)
        return ones, others, _with_support(self._values[others, at], shared, squares)

    def _scored(self, rows: Ints, spread: Floats) -> tuple[Floats, Bools]:
        """*spread* is zero before and after: room for each of *rows* and every number."""
        mine, values = self._others[rows], self._values[rows]
        place = np.arange(len(rows))[:, None]
        spread[place, mine] = values
        spread[:, _NOBODY] = 0
        theirs, weights = self._others[mine], self._values[mine]
        shared = np.einsum(
            "abc,abc->ab", weights, spread.take(theirs + (place * spread.shape[1])[:, :, None])
        )
        spread[place, mine] = 0
        back = theirs == rows[:, None, None]
        returned = np.einsum("abc,abc->ab", weights, back)
        squares = (self._squares[rows][:, None] - values**2) * (self._squares[mine] - returned**2)
        scores = _with_support(values, shared, squares)
        linked = back[:, :, :LINKED].any(2)
        linked[:, :LINKED] = True
        is_there = mine != _NOBODY
        return scores * is_there, linked & is_there

    def _grow(self) -> None:
        self._others, self._values, self._squares = (
            doubled(self._others),
            doubled(self._values),
            doubled(self._squares),
        )


def _with_support(values: Floats, shared: Floats, squares: Floats) -> Floats:
    support = np.minimum(1.0, shared / np.sqrt(np.maximum(squares, _TINY)))
    return np.minimum(1.0, values + FAINT + SHARE * support**2).round(4)


def supported(own: float, pair: Sequence[str], lists: Sequence[Mapping[str, float]]) -> float:
    """The same for one pair with the score *own*, and the near *lists* of both, best first."""
    (a, b), (one, two) = (
        pair,
        ({o: s - FAINT for o, s in [*scores.items()][:BEST]} for scores in lists),
    )
    one.pop(b, None)
    two.pop(a, None)
    shared = sum(value * two.get(other, 0.0) for other, value in one.items())
    squares = sum(value**2 for value in one.values()) * sum(value**2 for value in two.values())
    support = min(1.0, shared / math.sqrt(max(squares, _TINY)))
    return round(min(1.0, own + SHARE * support**2), 4)
