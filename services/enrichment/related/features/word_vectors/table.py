"""The table of stems: how much each says, and its direction in a space of meanings.

Stems of similar meaning point in similar directions. `tools.word_vectors` makes the table from word
frequencies and a small sentence model; NOTICE.md says whose they are.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache, cached_property
from itertools import chain, pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from services.enrichment.related.features.arrays import Float32Array, Int8Array
from services.enrichment.related.features.id_index import number_items

FILE = Path(__file__).with_name("stems.npz")

MAX_WEIGHT = 10.0  # the weight of a word that no table knows
DIRECTION_SCALE = 0.7 / 127  # of one byte of a direction: components lie between -0.7 and 0.7
_MIN_LENGTH = 1e-9


class StemDirections(NamedTuple):
    """The directions of *n* stems in *d* dimensions: *codes* (n × d), each row times its scale.

    *scales* have n entries. *mean* (d) is what all news have in common.
    """

    codes: Int8Array
    scales: Float32Array
    mean: Float32Array


class StemTable:
    """Stems, with a weight and a direction each. Threads may share the table.

    `weights` has the weight of each stem. Directions are loaded when the first is asked for: they
    take 5 MB, which nobody needs who reads articles with the model.
    """

    def __init__(
        self,
        stems: Sequence[str],
        weights: Float32Array,
        load_directions: Callable[[], StemDirections],
    ) -> None:
        """*weights* has an entry for each of the *stems*.

        *load_directions* is called when the first direction is asked for; if two threads ask at
        once, perhaps twice, which does no harm.
        """
        self.weights: dict[str, float] = dict(zip(stems, weights.tolist(), strict=True))
        self._load_directions = load_directions

    @cached_property
    def _directions(self) -> StemDirections:
        return self._load_directions()

    @cached_property
    def _row(self) -> dict[str, int]:
        """The row of each stem: 5 MB more."""
        return number_items(self.weights)

    def encode_direction(self, vector: Mapping[str, float]) -> bytes:
        """The direction of a text, from the weights of its stems: d signed bytes.

        It is relative to what all news have in common: otherwise any two texts would seem alike.
        Empty if no stem is known.
        """
        return self.encode_directions([vector])[0]

    def encode_directions(self, vectors: Sequence[Mapping[str, float]]) -> list[bytes]:
        """The directions of many texts, each exactly as it would be alone."""
        row_weights = [self._weights_by_row(vector) for vector in vectors]
        mean = self._directions.mean
        sums = np.array(self._sum_directions(row_weights)).reshape(-1, len(mean))
        directions = _normalise_by_vecdot(_normalise_by_vecdot(sums) - mean)
        scaled = directions / np.float32(DIRECTION_SCALE)
        codes = np.rint(scaled).clip(-127, 127).astype(np.int8)
        encoded: list[bytes] = []
        for code, known_stems in zip(codes, row_weights, strict=True):
            encoded.append(code.tobytes() if known_stems else b"")
        return encoded

    def _weights_by_row(self, vector: Mapping[str, float]) -> dict[int, float]:
        row_of = self._row
        return {row_of[stem]: weight for stem, weight in vector.items() if stem in row_of}

    def _sum_directions(self, row_weights: Sequence[Mapping[int, float]]) -> list[Float32Array]:
        """For each text the weighted sum of its rows, not yet of length 1."""
        ends = np.cumsum([len(text) for text in row_weights]).tolist()
        rows = np.fromiter(chain.from_iterable(row_weights), np.int32)
        all_weights = chain.from_iterable(text.values() for text in row_weights)
        weights = np.fromiter(all_weights, np.float32)
        scaled_weights: Float32Array = weights * self._directions.scales[rows]
        directions: Float32Array = self._directions.codes[rows].astype(np.float32)
        return [
            scaled_weights[start:end] @ directions[start:end] for start, end in pairwise([0, *ends])
        ]

    def decode_direction(self, code: bytes) -> Float32Array:
        """The vector (d, of length about 1) that `encode_direction` encoded."""
        components = np.frombuffer(code, np.int8).astype(np.float32)
        return np.asarray(components * np.float32(DIRECTION_SCALE), np.float32)


@cache
def load_stem_table() -> StemTable:
    """The installed table, loaded at the first call (some 50 ms and 15 MB)."""
    with np.load(FILE) as arrays:
        stems = bytes(arrays["stems"]).decode().split("\n")
        return StemTable(stems, arrays["weights"].astype(np.float32), _load_directions)


def _load_directions() -> StemDirections:
    with np.load(FILE) as arrays:
        return StemDirections(
            codes=arrays["directions"],
            scales=arrays["scales"].astype(np.float32),
            mean=arrays["mean"].astype(np.float32),
        )


def weight_from_zipf(zipf: float) -> float:
    """The weight of a stem that occurs 10^(*zipf* - 9) times per word of its language at large."""
    chance = 1 - (1 - 10 ** (zipf - 9)) ** 12  # that a text of a dozen words contains it
    return min(MAX_WEIGHT, -math.log(chance))


def zipf_from_weight(weight: float) -> float:
    """The inverse of `weight_from_zipf`. Stems of the highest weight may be rarer than it says."""
    return 9 + math.log10(1 - (1 - math.exp(-weight)) ** (1 / 12))


def _normalise_by_vecdot(vectors: Float32Array) -> Float32Array:
    """Scale each row to length 1, in the same way for one row as for many."""
    lengths = np.sqrt(np.vecdot(vectors, vectors).astype(np.float64))
    divisors = np.maximum(lengths, _MIN_LENGTH).astype(np.float32)
    return np.asarray(vectors / divisors[:, None], np.float32)
