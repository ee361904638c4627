"""Signatures made ready for scoring: numbers instead of words, those of many articles side by side."""

from collections.abc import Collection, Iterable, Mapping
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from services.enrichment.related.vectors import Table
from shared.store import Signature, Store

KEPT: Final = 20_000  # articles, some 1 KB each: more than two days of a busy feed
STEMS: Final = 32  # that an article has on average, or fewer
ROOM: Final = 1024  # articles that fit to begin with; grows by doubling

Ints = NDArray[np.int32]
Floats = NDArray[np.float32]
Kind = TypeVar("Kind", bound=np.generic)


class Readings:
    """Articles by number, as they were last read. Not state: a memory, checked against the versions.

    One row an article: `directions` (n x d, zero where no word is *known*), `senses` of those that a model has read
    (*sensed*), `days` since 1970, `columns` (0 for none).
    One entry a stem, those of an article in a row from `starts` on, `lengths` of them: `stems` by number, `values`
    their weights (L2 norm 1), `rows` theirs in the table, `shares` their part of the article's weight.
    """

    def __init__(self, table: Table, signatures: Iterable[Signature] = ()) -> None:
        self.table = table
        self.names: list[str] = []
        self.versions: list[int] = []
        self.terms: list[frozenset[str]] = []
        self.senses: list[NDArray[np.int8]] = []
        self.directions: Floats = np.zeros((ROOM, table.dimensions), np.float32)
        self.known: NDArray[np.bool_] = np.zeros(ROOM, bool)
        self.sensed: NDArray[np.bool_] = np.zeros(ROOM, bool)
        self.days: NDArray[np.float64] = np.zeros(ROOM)
        self.columns, self.starts, self.lengths = (_ints(ROOM) for _ in range(3))
        self.stems, self.rows = (_ints(STEMS * ROOM) for _ in range(2))
        self.values, self.shares = (_floats(STEMS * ROOM) for _ in range(2))
        self._end = 0  # of the entries
        self._number: dict[str, int] = {}
        self._stem: dict[str, int] = {"": 0}  # an article of no words has one that weighs nothing
        self._column: dict[str, int] = {"": 0}
        self.take(signatures)

    def __len__(self) -> int:
        return len(self.names)

    @property
    def is_full(self) -> bool:
        """Whether it is time to begin anew: what newer versions replaced takes room too."""
        return len(self) > KEPT or self._end > STEMS * KEPT

    @property
    def vocabulary(self) -> int:
        """How many stems there are."""
        return len(self._stem)

    def take(self, signatures: Iterable[Signature]) -> None:
        """Know these from now on."""
        for signature in signatures:
            self._take(signature)

    async def get(self, ids: Collection[str], store: Store) -> dict[str, int]:
        """The numbers of these articles, read in their newest versions; those without a signature are left out."""
        numbers = {one: self._number.get(one) for one in ids}
        known = {one: 0 if number is None else self.versions[number] for one, number in numbers.items()}
        self.take((await store.relations.get_anew(known)).values())
        return {one: self._number[one] for one in ids if one in self._number}

    def entries(self, numbers: Ints) -> tuple[Ints, Ints]:
        """Where the stems of these articles are, one article after the other, and where each begins there."""
        lengths = self.lengths[numbers]
        begins = np.cumsum(lengths, dtype=np.int32) - lengths
        return np.repeat(self.starts[numbers] - begins, lengths) + np.arange(lengths.sum(), dtype=np.int32), begins

    def own(self, number: int) -> slice:
        """Where the stems of this article are."""
        return slice(self.starts[number], self.starts[number] + self.lengths[number])

    def _take(self, signature: Signature) -> None:
        number = self._numbered(signature.article_id)
        self.versions[number] = signature.version
        self.terms[number] = frozenset(signature.terms)
        self.senses[number] = np.frombuffer(signature.sense, np.int8)
        self.directions[number] = self.table.direction(signature.meaning)
        self.known[number] = bool(signature.meaning)
        self.sensed[number] = bool(signature.sense)
        self.days[number] = signature.published_at.timestamp() / 86_400
        self.columns[number] = self._column.setdefault(signature.column, len(self._column))
        self.starts[number] = self._end
        self.lengths[number] = self._append(signature.vector or {"": 0.0})

    def _append(self, vector: Mapping[str, float]) -> int:
        """The stems of an article, at the end. Returns how many there are."""
        size = len(vector)
        while self._end + size > len(self.stems):
            self.stems, self.rows = map(doubled, (self.stems, self.rows))
            self.values, self.shares = map(doubled, (self.values, self.shares))
        place = slice(self._end, self._end + size)
        self.stems[place] = [self._stem.setdefault(stem, len(self._stem)) for stem in vector]
        self.rows[place] = self.table.rows([*vector])
        self.values[place] = values = np.fromiter(vector.values(), np.float32, size)
        self.shares[place] = values / max(float(values.sum()), 1e-9)
        self._end += size
        return size

    def _numbered(self, one: str) -> int:
        number = self._number.setdefault(one, len(self.names))
        if number == len(self.names):
            self.names.append(one)
            self.versions.append(0)
            self.terms.append(frozenset())
            self.senses.append(np.zeros(0, np.int8))
            if number == len(self.days):
                self._grow()
        return number

    def _grow(self) -> None:
        self.directions = doubled(self.directions)
        self.known, self.sensed = map(doubled, (self.known, self.sensed))
        self.days = doubled(self.days)
        self.columns, self.starts, self.lengths = map(doubled, (self.columns, self.starts, self.lengths))


def _ints(size: int) -> Ints:
    return np.zeros(size, np.int32)


def _floats(size: int) -> Floats:
    return np.zeros(size, np.float32)


def doubled(array: NDArray[Kind]) -> NDArray[Kind]:
    """With as many zeros after it as it has entries, or rows."""
    return np.concatenate([array, np.zeros_like(array)])
