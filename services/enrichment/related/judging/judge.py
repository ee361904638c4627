"""From evidence to chances: that two articles are about one *event*, and that they are *related*.

The judge is logistic regression in three steps. *Nearness* ranks pairs by what the two articles
alone say, so that it never changes. The *own* chance also knows how narrow the feed is: where every
article is about Azure, likeness says less. The *final* chance also counts the neighbours that both
have in common. `tests/bench/linking/train.py` makes the numbers.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

import numpy as np

from services.enrichment.related.features.arrays import Float32Array, Float64Array
from services.enrichment.related.features.readers import ReaderName

Relation = Literal["event", "related"]

RELATIONS: Final[tuple[Relation, ...]] = ("event", "related")
EVIDENCE: Final = ("similarity", "words", "days", "name", "date", "contradiction", "same_outlet")
"""What is known of a pair, column by column.

`similarity` is the cosine of the directions, NaN if one is missing; `words` the cosine of the
words, without dates that two titles of one outlet share (`shared_dates.py`); `days` the time
between; `name`, `date` and `contradiction` how the titles differ (`title_comparison.py`);
`same_outlet` is 1 if one outlet published both, which seldom tells an event twice.
"""
SIMILARITY: Final = EVIDENCE.index("similarity")
WORDS: Final = EVIDENCE.index("words")
DAYS: Final = EVIDENCE.index("days")
SAME_OUTLET: Final = EVIDENCE.index("same_outlet")
_BY_FEED: Final = ("root_days", "similarity", "words")
COLUMNS: Final = (*EVIDENCE, "root_days", "lean", *(f"lean {name}" for name in _BY_FEED))
"""What the own odds are a weighted sum of."""
FINAL_COLUMNS: Final = ("own", "common", "lean", "lean common", "lean own")
MIN_CHANCE: Final = 0.1  # so much of a chance does not count for neighbours in common
CHANCE_DIGITS: Final = 4  # of a final chance

_FOLDER: Final = Path(__file__).parent


@dataclass(frozen=True)
class WeightedSum:
    """The log odds of a relation: a weighted sum of columns."""

    weights: Float64Array
    bias: float

    def __call__(self, columns: Float64Array) -> Float64Array:
        return np.asarray(columns @ self.weights + self.bias, np.float64)


class NarrownessRange(NamedTuple):
    """How narrow the feeds are that the judge has learned from, and the middle of it.

    Beyond both ends nothing was seen, so a narrower feed counts as the narrowest of these.
    """

    low: float
    neutral: float
    high: float


@dataclass(frozen=True)
class Judge:
    """*nearness* and *without_directions* have no weights for the feed's columns."""

    nearness: WeightedSum
    own: Mapping[Relation, WeightedSum]
    without_directions: Mapping[Relation, WeightedSum]
    final: Mapping[Relation, WeightedSum]
    range: NarrownessRange

    def rank(self, evidence: Float32Array) -> Float64Array:
        """The nearness of each pair: log odds that rank neighbours, whatever the feed."""
        columns = build_columns(evidence, 0.0)
        blind = self.without_directions["event"](columns)
        return np.where(has_similarity(evidence), self.nearness(columns), blind)

    def own_odds(self, evidence: Float32Array, narrowness: float) -> dict[Relation, Float64Array]:
        """The log odds of both relations for each pair, by the two articles alone.

        The similarity in *evidence* is that of centred directions.
        """
        columns = build_columns(evidence, self.lean(narrowness))
        columns_without = build_columns(evidence, 0.0)
        is_known = has_similarity(evidence)
        odds: dict[Relation, Float64Array] = {}
        for relation in RELATIONS:
            blind = self.without_directions[relation](columns_without)
            odds[relation] = np.where(is_known, self.own[relation](columns), blind)
        return odds

    def final_chances(
        self, relation: Relation, own_odds: Float64Array, common: Float64Array, narrowness: float
    ) -> Float64Array:
        """The chances of *relation*, with the neighbours in common as `sum_common` counts them."""
        columns = build_final_columns(own_odds, common, self.lean(narrowness))
        return to_chances(self.final[relation](columns))

    def lean(self, narrowness: float) -> float:
        """How much narrower the feed is than a neutral one."""
        low, neutral, high = self.range
        return min(high, max(low, narrowness)) - neutral

    def measure_unity(self, narrowness: float) -> float:
        """How surely all of the feed is about one subject, 0 to 1.

        0 up to a neutral feed, 1 from halfway between that and the narrowest one.
        """
        _, neutral, high = self.range
        return min(1.0, max(0.0, (narrowness - neutral) / (high - neutral) * 2))


def build_columns(evidence: Float32Array, lean: float) -> Float64Array:
    """The columns of `COLUMNS` for n × 7 *evidence*. A missing similarity counts as 0."""
    known = np.nan_to_num(evidence.astype(np.float64))
    root_days = np.sqrt(known[..., DAYS])
    by_feed = (root_days, known[..., SIMILARITY], known[..., WORDS])
    leans = [np.full(root_days.shape, lean), *(lean * column for column in by_feed)]
    return np.concatenate([known, np.stack([root_days, *leans], -1)], -1)


def build_final_columns(own: Float64Array, common: Float64Array, lean: float) -> Float64Array:
    """The columns of `FINAL_COLUMNS`."""
    leans = np.full(own.shape, lean)
    return np.stack([own, common, leans, lean * common, lean * own], -1)


def has_similarity(evidence: Float32Array) -> Any:
    """Whether both articles of each pair have a direction."""
    return ~np.isnan(evidence[..., SIMILARITY])


def to_chances(odds: Float64Array) -> Float64Array:
    """0 to 1, from log odds."""
    return np.asarray(1 / (1 + np.exp(-odds)), np.float64)


@cache
def load_judge(reader: ReaderName) -> Judge:
    """The judge that was trained with the directions of this reader."""
    return parse_judge(json.loads((_FOLDER / f"judge.{reader}.json").read_text()))


def parse_judge(content: Mapping[str, Any]) -> Judge:
    return Judge(
        nearness=_parse_sum(content["nearness"]),
        own=_parse_relations(content["own"]),
        without_directions=_parse_relations(content["without_directions"]),
        final=_parse_relations(content["final"]),
        range=NarrownessRange(**content["range"]),
    )


def render_judge(judge: Judge) -> dict[str, Any]:
    """What `parse_judge` reads."""
    return {
        "nearness": _render_sum(judge.nearness),
        "own": _render_relations(judge.own),
        "without_directions": _render_relations(judge.without_directions),
        "final": _render_relations(judge.final),
        "range": judge.range._asdict(),
    }


def _parse_relations(content: Mapping[str, Any]) -> dict[Relation, WeightedSum]:
    return {relation: _parse_sum(content[relation]) for relation in RELATIONS}


def _parse_sum(content: Mapping[str, Any]) -> WeightedSum:
    return WeightedSum(np.array(content["weights"]), content["bias"])


def _render_relations(sums: Mapping[Relation, WeightedSum]) -> dict[str, Any]:
    return {relation: _render_sum(weighted) for relation, weighted in sums.items()}


def _render_sum(weighted: WeightedSum) -> dict[str, Any]:
    return {"weights": weighted.weights.round(6).tolist(), "bias": round(weighted.bias, 6)}
