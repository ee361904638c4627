"""Readers: what makes the direction of an article, and how directions are compared.

The sentence model reads English articles far better than the table of word vectors, which needs
nothing installed. All articles of a store are read by one reader, since directions of two readers
cannot be compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeGuard

import numpy as np

from services.enrichment.related.features.arrays import Float32Array, Int8Array
from services.enrichment.related.features.sentence_model import (
    EMBEDDING_SCALE,
    SentenceModel,
    is_installed,
)
from services.enrichment.related.features.word_vectors import DIRECTION_SCALE
from shared.errors import SettingsError

ReaderName = Literal["minilm", "table"]
ModelMode = Literal["auto", "on", "off"]

DIMENSIONS: Final[dict[ReaderName, int]] = {"minilm": 384, "table": 64}
SCALES: Final[dict[ReaderName, float]] = {"minilm": EMBEDDING_SCALE, "table": DIRECTION_SCALE}
_MIN_LENGTH: Final = 1e-6


@dataclass(frozen=True)
class Reader:
    """*model* is the sentence model of the reader `minilm`; the table needs none."""

    name: ReaderName
    model: SentenceModel | None = None

    @property
    def dimensions(self) -> int:
        return DIMENSIONS[self.name]

    def describe(self) -> str:
        """For people."""
        if self.name == "minilm":
            return "the sentence model MiniLM"
        return "the table of word vectors, which relates less and errs more"

    def parse_directions(self, codes: Sequence[bytes]) -> Int8Array:
        """The directions for many codes, as whole numbers: n × d. Zeros for an empty code."""
        zeros = bytes(self.dimensions)
        padded = bytearray()
        for code in codes:
            padded += code if len(code) == self.dimensions else zeros
        return np.frombuffer(padded, np.int8).reshape(-1, self.dimensions)

    def sum_directions(self, codes: Sequence[bytes]) -> tuple[int, Float32Array]:
        """How many of *codes* are directions, and their sum.

        The sum is made of whole numbers: the order of the codes does not matter.
        """
        known = [code for code in codes if len(code) == self.dimensions]
        components = np.frombuffer(b"".join(known), np.int8).reshape(-1, self.dimensions)
        total = components.sum(0, dtype=np.int64)
        return len(known), (total * SCALES[self.name]).astype(np.float32)


def is_reader_name(name: str) -> TypeGuard[ReaderName]:
    """Whether this version knows the reader; a newer one may know others."""
    return name in DIMENSIONS


def load_reader(mode: ModelMode, folder: Path) -> Reader:
    """Load the reader that a setting asks for: the model in *folder*, or the table.

    `auto` takes the model where it is installed. Raises SettingsError for `on` where it is not.
    """
    if mode == "off":
        return Reader("table")
    if is_installed(folder):
        return Reader("minilm", SentenceModel(folder))
    if mode == "on":
        raise SettingsError(
            f"SEEDWIRE_RELATED_MODEL is on, but there is no sentence model in {folder}:"
            " run `make model`"
        )
    return Reader("table")


def normalise_rows(vectors: Float32Array) -> Float32Array:
    """Scale each row to length 1; rows of zeros stay."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, _MIN_LENGTH), np.float32)
