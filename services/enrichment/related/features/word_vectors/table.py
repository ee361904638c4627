"""The table of stems: how much each says, and which direction it points to, among words that mean alike.

Made by `build.py` from word frequencies and a small sentence model; NOTICE says whose they are.
"""

import math
import zlib
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import chain, pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Rows = NDArray[np.int32]

FILE = Path(__file__).with_name("stems.npz")

HEAVIEST = 10.0  # what a word weighs that nobody knows
HASHED = 4096  # directions for stems that are not in the table: such a stem is near to itself alone
_FULL = 0.7  # components of a meaning lie within this: what 127 stands for in a byte
_TINY = 1e-9


class Table:
    """*n* stems in *d* dimensions. Everything is read once; several threads may share it."""

    def __init__(
        self,
        stems: Sequence[str],
        weights: Floats,
        directions: NDArray[np.int8],
        scales: Floats,
        mean: Floats,
    ) -> None:
        """*weights* and *scales*: n; *directions*: n × d, to be multiplied by their scale; *mean*: d."""
        self._row = {stem: row for row, stem in enumerate(stems)}
        self.weights: dict[str, float] = dict(zip(stems, weights.tolist(), strict=True))
        self._directions, self._scales, self._mean = directions, scales, mean
        self.dimensions = directions.shape[1]
        chance = (
            np.random.RandomState(1).standard_normal((HASHED, self.dimensions)).astype(np.float32)
        )
        self.units: Floats = np.concatenate([_unit(directions.astype(np.float32)), _unit(chance)])

    def rows(self, stems: Sequence[str]) -> Rows:
        """The rows in `units` of these stems; one that is not in the table gets a row of chance, always the same."""
        known = map(self._row.get, stems)
        rows = [
            self._of_chance(stem) if row is None else row
            for row, stem in zip(known, stems, strict=True)
        ]
        return np.array(rows, np.int32)

    def _of_chance(self, stem: str) -> int:
        return len(self._row) + zlib.crc32(stem.encode()) % HASHED

    def meaning(self, vector: Mapping[str, float]) -> bytes:
        """The direction of a text by the weights of its stems: d signed bytes, see `directions`.

        What all news have in common is taken off, or any two would seem alike. Empty when no stem is known.
        """
        return self.meanings([vector])[0]

    def meanings(self, vectors: Sequence[Mapping[str, float]]) -> list[bytes]:
        """Of many texts together; each as it would be alone, to the bit."""
        known = [
            {self._row[stem]: value for stem, value in vector.items() if stem in self._row}
            for vector in vectors
        ]
        sums = np.array(self._sums(known)).reshape(-1, self.dimensions)
        directions = _each_unit(_each_unit(sums) - self._mean)
        kept = np.rint(directions * np.float32(127 / _FULL)).clip(-127, 127).astype(np.int8)
        return [
            meaning.tobytes() if rows else b"" for meaning, rows in zip(kept, known, strict=True)
        ]

    def _sums(self, known: Sequence[Mapping[int, float]]) -> list[Floats]:
        """Of each text the sum of its directions by row and weight, not yet of length 1."""
        ends = np.cumsum([len(text) for text in known]).tolist()
        rows = np.fromiter(chain.from_iterable(known), np.int32)
        values = np.fromiter(chain.from_iterable(text.values() for text in known), np.float32)
        shares: Floats = values * self._scales[rows]
        directions: Floats = self._directions[rows].astype(np.float32)
        return [shares[start:end] @ directions[start:end] for start, end in pairwise([0, *ends])]

    def direction(self, meaning: bytes) -> Floats:
        """The vector (d, of length about 1) that *meaning* keeps; zeros for none."""
        direction: Floats = self.directions([meaning])[0]
        return direction

    def directions(self, meanings: Sequence[bytes]) -> Floats:
        """Those of many: n × d."""
        nothing = bytes(self.dimensions)
        kept = b"".join(
            meaning if len(meaning) == self.dimensions else nothing for meaning in meanings
        )
        return np.frombuffer(kept, np.int8).reshape(-1, self.dimensions).astype(
            np.float32
        ) * np.float32(_FULL / 127)


@cache
def table() -> Table:
    """The table that comes with the code, read at the first call (some 50 ms, 25 MB)."""
    with np.load(FILE) as stored:
        return Table(
            stems=bytes(stored["stems"]).decode().split("\n"),
            weights=stored["weights"].astype(np.float32),
            directions=stored["directions"],
            scales=stored["scales"].astype(np.float32),
            mean=stored["mean"].astype(np.float32),
        )


def weight_of(zipf: float) -> float:
    """The weight of a stem that occurs 10^(*zipf* - 9) times in a word of English at large."""
    chance = 1 - (1 - 10 ** (zipf - 9)) ** 12  # in a text of a dozen words
    return min(HEAVIEST, -math.log(chance))


def zipf_of(weight: float) -> float:
    """The other way round; of the heaviest, which is where the weights end."""
    return 9 + math.log10(1 - (1 - math.exp(-weight)) ** (1 / 12))


def _unit(vectors: Floats) -> Floats:
    """Each row with a length of 1."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, _TINY), np.float32)


def _each_unit(vectors: Floats) -> Floats:
    """The same with products of rows, as meanings have always been made: the last bit may differ."""
    lengths = np.sqrt(np.vecdot(vectors, vectors).astype(np.float64))
    return np.asarray(vectors / np.maximum(lengths, _TINY).astype(np.float32)[:, None], np.float32)
