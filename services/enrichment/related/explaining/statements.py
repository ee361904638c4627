"""The evidence on a pair in words, each with what it adds to the odds of being related."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from services.enrichment.related.features.arrays import Float32Array
from services.enrichment.related.judging.judge import (
    COLUMNS,
    EVIDENCE,
    FINAL_COLUMNS,
    Judge,
    build_columns,
    has_similarity,
)

NARROW: Final = 0.45  # a feed from here on is called narrow
WIDE: Final = 0.35


@dataclass(frozen=True)
class Statement:
    """What is known of a pair, and what it adds to the log odds of being related.

    Odds above 0 speak for the pair, those below 0 against it.
    """

    kind: str
    text: str
    odds: float


@dataclass(frozen=True)
class Names:
    """The names in both titles: in both articles, or in one alone."""

    shared: tuple[str, ...] = ()
    in_a_alone: tuple[str, ...] = ()
    in_b_alone: tuple[str, ...] = ()


def describe_evidence(
    centred: Float32Array,
    common: float,
    common_count: int,
    names: Names,
    judge: Judge,
    narrowness: float,
) -> tuple[Statement, ...]:
    """Describe a row of evidence and the neighbours in common; the weightiest first.

    The odds of all statements add up to those of the chance.
    """
    values = dict(zip(EVIDENCE, centred.tolist(), strict=True))
    own = _split_own_odds(centred, judge, narrowness)
    final = dict(zip(FINAL_COLUMNS, judge.final["related"].weights.tolist(), strict=True))
    lean = judge.lean(narrowness)
    factor = final["own"] + lean * final["lean own"]
    statements: list[Statement] = []
    for kind, odds in own.items():
        text = _describe(kind, values, names, narrowness)
        statements.append(Statement(kind, text, odds * factor))
    by_common = (final["common"] + lean * final["lean common"]) * common
    statements.append(Statement("common", _describe_common(common_count), by_common))
    base = judge.final["related"].bias + lean * final["lean"]
    merged = [_add_to_feed(statement, base) for statement in statements]
    worded = [statement for statement in merged if statement.text]
    return tuple(sorted(worded, key=lambda statement: -abs(statement.odds)))


def _add_to_feed(statement: Statement, base: float) -> Statement:
    if statement.kind != "feed":
        return statement
    return Statement(statement.kind, statement.text, statement.odds + base)


def _split_own_odds(centred: Float32Array, judge: Judge, narrowness: float) -> dict[str, float]:
    """What each kind of evidence adds to the own odds; `feed` is what any pair of the feed has."""
    rows = centred[None]
    is_known = bool(has_similarity(rows)[0])
    weighted = judge.own["related"] if is_known else judge.without_directions["related"]
    lean = judge.lean(narrowness) if is_known else 0.0
    products = build_columns(rows, lean)[0] * weighted.weights
    odds = dict.fromkeys((*EVIDENCE, "feed"), 0.0)
    odds["feed"] = weighted.bias
    for column, product in zip(COLUMNS, np.asarray(products).tolist(), strict=True):
        odds[_kind_of(column)] += product
    return odds


def _kind_of(column: str) -> str:
    """The kind of evidence that a column belongs to: `lean words` to `words`."""
    kind = column.removeprefix("lean ").replace("root_days", "days")
    return "feed" if kind == "lean" else kind


def _describe(kind: str, values: dict[str, float], names: Names, narrowness: float) -> str:
    """The sentence about a kind of evidence; "" if there is nothing to say."""
    if kind == "similarity":
        return _describe_similarity(values[kind])
    if kind == "words":
        return f"their words agree by {values[kind]:.2f}, weighed by rarity"
    if kind == "days":
        return f"published {values[kind]:.1f} days apart"
    if kind == "feed":
        return _describe_feed(narrowness)
    return _describe_titles(kind, values[kind], names)


def _describe_similarity(value: float) -> str:
    if np.isnan(value):
        return "at least one of the texts could not be read by the model or table: words decide"
    return f"the texts as a whole agree by {value:.2f}, beyond what all articles here share"


def _describe_feed(narrowness: float) -> str:
    width = "of middling width"
    if narrowness >= NARROW:
        width = "narrow, so that likeness says less"
    elif narrowness <= WIDE:
        width = "wide"
    return f"the feed is {width} ({narrowness:.2f}); most pairs are not related"


def _describe_titles(kind: str, value: float, names: Names) -> str:
    if not value:
        return ""
    if kind == "name":
        return f"the titles have one form with different names{_oppose(names)}"
    if kind == "date":
        return "the titles are those of a column, with another date or issue"
    if kind == "contradiction":
        return f"each title has names that the other article lacks{_oppose(names)}"
    return "one outlet published both, which seldom tells an event twice"


def _oppose(names: Names) -> str:
    if not names.in_a_alone or not names.in_b_alone:
        return ""
    return f": {_join(names.in_a_alone)} against {_join(names.in_b_alone)}"


def _join(names: Sequence[str]) -> str:
    return ", ".join(names)


def _describe_common(count: int) -> str:
    if count == 0:
        return "no other article is probably about one event with both"
    if count == 1:
        return "one other article is probably about one event with both"
    return f"{count} other articles are probably about one event with both"
