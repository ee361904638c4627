"""What the articles of a feed have in common: their mean direction, and how narrow the feed is.

Where all articles are about Azure, two of them are alike for that alone. So directions are compared
relative to the *centre* of the feed, and the judge knows its *narrowness*: the length of the mean
direction, about .3 for general news and above .5 for a feed about one company.

The statistics move slowly, and they depend on the articles in the store alone: not on the order in
which they came, nor on the worker. They are made of the articles that were published first, as many
as the largest power of two, or of the last 4,096 before a multiple of 4,096. So new articles change
nothing until there are twice as many, or some thousand more.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from services.enrichment.related.features.arrays import Float32Array
from services.enrichment.related.features.readers import Reader, ReaderName, normalise_rows
from services.enrichment.related.judging.judge import SIMILARITY
from shared.store import FeedSnapshot

NEWS_FILE: Final = Path(__file__).with_name("news.npz")
"""The mean direction of general news by each reader; the training script makes it."""

MIN_BASIS: Final = 64  # articles; a younger feed has the statistics of an empty one
MAX_BASIS: Final = 4096
# So many of the newest articles never count once a feed is large: they come in no order of time.
_MARGIN: Final = 512
# General news counts as much as so many articles of the feed. With twice as many, a narrow feed of
# some hundred articles was judged as if it had many subjects: docs/decisions/0061.
_PRIOR_ARTICLES: Final = 50
_DIGITS: Final = 4
YOUNG_NARROWNESS: Final = 0.5  # of a feed without articles: almost that of a feed about one company


class Basis(NamedTuple):
    """The articles that statistics are made of: *limit* of them, before the *skip* newest."""

    skip: int
    limit: int


@dataclass(frozen=True)
class FeedStatistics:
    """*centre* is the mean direction (d), *narrowness* 0 to 1. *version* is the snapshot's."""

    centre: Float32Array
    narrowness: float
    version: int = 0

    def center_evidence(
        self, evidence: Float32Array, projections: Float32Array, other_projections: Float32Array
    ) -> Float32Array:
        """Replace the similarities in *evidence* by those of centred directions.

        The projections are the products of both articles' directions with the centre. From them
        and the plain similarity follows the centred one: no direction is needed.
        """
        square = float(self.centre @ self.centre)
        product = evidence[..., SIMILARITY] - projections - other_projections + square
        lengths = (1 - 2 * projections + square) * (1 - 2 * other_projections + square)
        centred = evidence.copy()
        centred[..., SIMILARITY] = product / np.sqrt(np.maximum(lengths, 1e-9))
        return centred

    def center_directions(self, directions: Float32Array) -> Float32Array:
        """The directions relative to the centre, each of length 1."""
        return normalise_rows(directions - self.centre)

    def is_same_as(self, other: "FeedStatistics") -> bool:
        """Whether two statistics are the same, whatever their versions."""
        is_equal = np.array_equal(self.centre, other.centre)
        return is_equal and self.narrowness == other.narrowness


def choose_basis(count: int) -> Basis:
    """Choose the articles that the statistics of *count* articles are made of."""
    if count < MIN_BASIS:
        return Basis(0, 0)
    end = 1 << (count.bit_length() - 1)
    if count >= 2 * MAX_BASIS + _MARGIN:
        end = (count - _MARGIN) // MAX_BASIS * MAX_BASIS
    return Basis(count - end, min(end, MAX_BASIS))


def compute_statistics(directions: Sequence[bytes], reader: Reader) -> FeedStatistics:
    """Compute the statistics of a feed with these *directions*, in any order.

    The centre of a young feed leans on general news, but it counts as narrow: a small newsroom may
    write about one town, and does not show yet whether it does.
    """
    count, total = reader.sum_directions(directions)
    own = total / max(1, count)
    share = count / (count + _PRIOR_ARTICLES)
    centre = share * own + (1 - share) * load_news_direction(reader.name)
    narrowness = share * float(np.linalg.norm(own)) + (1 - share) * YOUNG_NARROWNESS
    return FeedStatistics(centre.astype(np.float32).round(_DIGITS), round(narrowness, _DIGITS))


class Formula(NamedTuple):
    """A way to compute statistics.

    Its *number* is the step of the schema (`shared/store/layout.py`) that came with it. So the
    heartbeats of workers say which formulas they know.
    """

    number: int
    compute: Callable[[Sequence[bytes], Reader], FeedStatistics]


# Whoever has the same articles give other statistics adds a step, and puts its number here:
# docs/decisions/0063.
FORMULA: Final = Formula(7, compute_statistics)


def pack_statistics(
    statistics: FeedStatistics, reader: Reader, formula: Formula = FORMULA
) -> FeedSnapshot:
    """The snapshot as the store keeps it."""
    centre = statistics.centre.tobytes()
    return FeedSnapshot(
        statistics.version, reader.name, centre, statistics.narrowness, formula=formula.number
    )


def unpack_statistics(snapshot: FeedSnapshot) -> FeedStatistics:
    centre = np.frombuffer(snapshot.centre, np.float32)
    return FeedStatistics(centre, snapshot.narrowness, snapshot.version)


@cache
def load_news_direction(reader: ReaderName) -> Float32Array:
    """The mean direction of general news."""
    with np.load(NEWS_FILE) as arrays:
        return np.asarray(arrays[reader], np.float32)
