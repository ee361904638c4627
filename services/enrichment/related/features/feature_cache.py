"""Signatures made ready for scoring: numbers instead of words, those of many articles side by side."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import accumulate, chain, pairwise
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from services.enrichment.related.features.id_index import Numbering
from services.enrichment.related.features.word_vectors import Table
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
        self._number = Numbering()
        self._stem = Numbering("")  # an article of no words has one that weighs nothing
        self._column = Numbering("")
        self.names = self._number.names
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
        if taken := [*signatures]:
            self._take(taken)

    async def get(self, ids: Collection[str], store: Store) -> dict[str, int]:
        """The numbers of these articles, read in their newest versions; those without a signature are left out."""
        numbers = {one: self._number.get(one) for one in ids}
        known = {
            one: 0 if number is None else self.versions[number] for one, number in numbers.items()
        }
        self.take((await store.relations.get_anew(known)).values())
        return {one: self._number[one] for one in ids if one in self._number}

    def entries(self, numbers: Ints) -> tuple[Ints, Ints]:
        """Where the stems of these articles are, one article after the other, and where each begins there."""
        lengths = self.lengths[numbers]
        begins = np.cumsum(lengths, dtype=np.int32) - lengths
        return np.repeat(self.starts[numbers] - begins, lengths) + np.arange(
            lengths.sum(), dtype=np.int32
        ), begins

    def own(self, number: int) -> slice:
        """Where the stems of this article are."""
        return slice(self.starts[number], self.starts[number] + self.lengths[number])

    def _take(self, signatures: Sequence[Signature]) -> None:
        numbers = self._numbered([signature.article_id for signature in signatures])
        for number, signature in zip(numbers, signatures, strict=True):
            self.versions[number] = signature.version
            self.terms[number] = frozenset(signature.terms)
            self.senses[number] = np.frombuffer(signature.sense, np.int8)
        self.directions[numbers] = self.table.directions(
            [signature.meaning for signature in signatures]
        )
        self.known[numbers] = [bool(signature.meaning) for signature in signatures]
        self.sensed[numbers] = [bool(signature.sense) for signature in signatures]
        self.days[numbers] = [
            signature.published_at.timestamp() / 86_400 for signature in signatures
        ]
        self.columns[numbers] = self._column.of(signature.column for signature in signatures)
        vectors = [signature.vector or {"": 0.0} for signature in signatures]
        self.lengths[numbers] = lengths = np.array([len(vector) for vector in vectors], np.int32)
        self.starts[numbers] = self._end + np.cumsum(lengths) - lengths
        self._append(vectors)

    def _append(self, vectors: Sequence[Mapping[str, float]]) -> None:
        """The stems of articles, at the end."""
        stems = [*chain.from_iterable(vectors)]
        end = self._end + len(stems)
        while end > len(self.stems):
            self.stems, self.rows = map(doubled, (self.stems, self.rows))
            self.values, self.shares = map(doubled, (self.values, self.shares))
        place = slice(self._end, end)
        self.stems[place] = self._stem.of(stems)
        self.rows[place] = self.table.rows(stems)
        self.values[place] = [value for vector in vectors for value in vector.values()]
        self.shares[place] = _shares(self.values[place], [*map(len, vectors)])
        self._end = end

    def _numbered(self, ids: Sequence[str]) -> list[int]:
        """The numbers of these articles, with room for what is known of them."""
        numbers = self._number.of(ids)
        for _ in range(len(self.versions), len(self)):
            self.versions.append(0)
            self.terms.append(frozenset())
            self.senses.append(np.zeros(0, np.int8))
        while len(self) > len(self.days):
            self._grow()
        return numbers

    def _grow(self) -> None:
        self.directions = doubled(self.directions)
        self.known, self.sensed = map(doubled, (self.known, self.sensed))
        self.days = doubled(self.days)
        self.columns, self.starts, self.lengths = map(
            doubled, (self.columns, self.starts, self.lengths)
        )


def _shares(values: Floats, lengths: Sequence[int]) -> Floats:
    """Of each of *values* its part of what those of its article weigh together."""
    ends = [*accumulate(lengths)]
    weights = [max(float(values[start:end].sum()), 1e-9) for start, end in pairwise([0, *ends])]
    return np.asarray(values / np.repeat(np.array(weights, np.float32), lengths), np.float32)


def _ints(size: int) -> Ints:
    return np.zeros(size, np.int32)


def _floats(size: int) -> Floats:
    return np.zeros(size, np.float32)


def doubled(array: NDArray[Kind]) -> NDArray[Kind]:
    """With as many zeros after it as it has entries, or rows."""
    return np.concatenate([array, np.zeros_like(array)])
