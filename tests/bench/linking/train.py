"""Trains the judge, and writes `judge.minilm.json` or `judge.table.json`.

    python -m tests.bench.linking.train minilm|table

It learns from the pairs of the real feed that were read (both relations), from three streams of
general news (two articles of one story are about one event, and related), and from invented titles
of one form. `validate.py` says how it does on what it has not learned from.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from services.enrichment.related.features.arrays import BoolArray, Float64Array
from services.enrichment.related.features.readers import Reader, ReaderName, load_reader
from services.enrichment.related.features.sentence_model import DEFAULT_FOLDER
from services.enrichment.related.judging import judge as judging
from services.enrichment.related.judging.judge import (
    COLUMNS,
    FINAL_COLUMNS,
    RELATIONS,
    SIMILARITY,
    Judge,
    NarrownessRange,
    Relation,
    WeightedSum,
    build_columns,
    build_final_columns,
    render_judge,
)
from tests.bench.linking.labelled_pairs import (
    Corpus,
    LabelledPairs,
    PairTable,
    build_azure_pairs,
    build_corpus,
    build_template_pairs,
    center_pairs,
    find_pairs,
    load_rows,
    locate,
    sample_stream_pairs,
    sum_common,
)

WEIGHTS: Final = {
    "azure": 3087.0,
    "uci_a": 500.0,
    "gn_ts_a": 500.0,
    "thin": 1500.0,
    "templates": 600.0,
}
"""Of all pairs of a set together."""
STREAMS: Final = ("uci_a", "gn_ts_a", "thin")
STRENGTH: Final = 0.5  # inverse strength of regularisation
RANGES: Final[dict[ReaderName, NarrownessRange]] = {
    "minilm": NarrownessRange(0.28, 0.40, 0.56),
    "table": NarrownessRange(0.15, 0.35, 0.72),
}
FOLDS: Final = 5
_ZERO: Final = WeightedSum(np.zeros(len(COLUMNS)), 0.0)
_NO_COLUMNS_OF_THE_FEED: Final = [
    place for place, name in enumerate(COLUMNS) if name.startswith("lean")
]


@dataclass(frozen=True)
class Weighted:
    """Columns with labels, and the weight of each row."""

    columns: Float64Array
    labels: BoolArray
    weights: Float64Array


def fit(sets: Sequence[Weighted], without: Sequence[int] = ()) -> WeightedSum:
    """Logistic regression over standardised columns, as a sum over plain ones.

    The columns *without* get no weight.
    """
    columns = np.vstack([part.columns for part in sets])
    columns[:, [*without]] = 0
    labels = np.concatenate([part.labels for part in sets])
    weights = np.concatenate([part.weights for part in sets])
    scaler = StandardScaler().fit(columns)
    model = LogisticRegression(C=STRENGTH, max_iter=2000)
    model.fit(scaler.transform(columns), labels, sample_weight=weights)
    plain = model.coef_[0] / scaler.scale_
    return WeightedSum(plain, float(model.intercept_[0] - plain @ scaler.mean_))


def train_nearness(sets: Sequence[LabelledPairs], reader: ReaderName) -> Judge:
    """Train what needs no table of near pairs: nearness, and the odds without directions."""
    plain, blind = [], {relation: [] for relation in RELATIONS}
    for pairs in sets:
        plain.append(_weigh(pairs, build_columns(pairs.evidence, 0.0), "event"))
        without = pairs.evidence.copy()
        without[:, SIMILARITY] = np.nan
        for relation in RELATIONS:
            blind[relation].append(_weigh(pairs, build_columns(without, 0.0), relation))
    hidden = [*_NO_COLUMNS_OF_THE_FEED, SIMILARITY]
    return Judge(
        nearness=fit(plain, _NO_COLUMNS_OF_THE_FEED),
        own=dict.fromkeys(RELATIONS, _ZERO),
        without_directions={relation: fit(blind[relation], hidden) for relation in RELATIONS},
        final=dict.fromkeys(RELATIONS, WeightedSum(np.zeros(len(FINAL_COLUMNS)), 0.0)),
        range=RANGES[reader],
    )


def train(sets: Sequence[LabelledPairs], first: Judge) -> Judge:
    """Train the own and the final odds; nearness and the rest are those of *first*."""
    own: dict[Relation, WeightedSum] = {}
    columns = [_own_columns(pairs, first) for pairs in sets]
    for relation in RELATIONS:
        parts = [_weigh(pairs, part, relation) for pairs, part in zip(sets, columns, strict=True)]
        own[relation] = fit(parts)
    judge = Judge(first.nearness, own, first.without_directions, first.final, first.range)
    final = {relation: _train_final(relation, sets, judge) for relation in RELATIONS}
    return Judge(first.nearness, own, first.without_directions, final, first.range)


def _train_final(relation: Relation, sets: Sequence[LabelledPairs], judge: Judge) -> WeightedSum:
    parts: list[Weighted] = []
    for pairs in sets:
        odds = judge.own_odds(pairs.center(pairs.evidence), pairs.narrowness)
        lean = judge.lean(pairs.narrowness)
        columns = build_final_columns(odds[relation], _sum_common(pairs, judge), lean)
        parts.append(_weigh(pairs, columns, relation))
    return fit(parts)


def _own_columns(pairs: LabelledPairs, judge: Judge) -> Float64Array:
    return build_columns(pairs.center(pairs.evidence), judge.lean(pairs.narrowness))


def _sum_common(pairs: LabelledPairs, judge: Judge) -> Float64Array:
    if pairs.table is None:
        return np.zeros(len(pairs.articles))
    table = pairs.table
    common = sum_common(table, own_odds_of(table, judge)["event"], judge)
    places = locate(table, pairs.articles, pairs.others)
    return np.where(places >= 0, common[places], 0.0)


def own_odds_of(table: PairTable, judge: Judge) -> dict[Relation, Float64Array]:
    centred = center_pairs(table.corpus, table.articles, table.others, table.evidence)
    return judge.own_odds(centred, table.corpus.statistics.narrowness)


def _weigh(pairs: LabelledPairs, columns: Float64Array, relation: Relation) -> Weighted:
    weight = pairs.weight / max(1, len(columns))
    return Weighted(columns, pairs.labels[relation], np.full(len(columns), weight))


def build_corpora(reader: Reader) -> dict[str, Corpus]:
    return {name: build_corpus(load_rows(name), reader) for name in ("azure", *STREAMS)}


def train_on(
    corpora: dict[str, Corpus], reader: Reader, is_learned: BoolArray | None = None
) -> tuple[Judge, list[LabelledPairs]]:
    """Train on everything, or of the real feed on those pairs alone that are *is_learned*.

    Also returns what was learned from, the real feed first.
    """
    templates = [
        build_template_pairs(reader, narrowness, WEIGHTS["templates"] / 2)
        for narrowness in RANGES[reader.name][1:]
    ]
    wanted = slice(None) if is_learned is None else is_learned
    azure = build_azure_pairs(corpora["azure"], None, WEIGHTS["azure"]).select(wanted)
    samples = [sample_stream_pairs(name, corpora[name], None, WEIGHTS[name]) for name in STREAMS]
    first = train_nearness([azure, *samples, *templates], reader.name)
    tables = {name: find_pairs(corpus, first) for name, corpus in corpora.items()}
    sets = [
        build_azure_pairs(corpora["azure"], tables["azure"], WEIGHTS["azure"]).select(wanted),
        *(
            sample_stream_pairs(name, corpora[name], tables[name], WEIGHTS[name])
            for name in STREAMS
        ),
        *templates,
    ]
    return train(sets, first), sets


def print_judge(judge: Judge) -> None:
    for relation in RELATIONS:
        weights = dict(zip(COLUMNS, judge.own[relation].weights.round(2).tolist(), strict=True))
        final = judge.final[relation].weights.round(2).tolist()
        print(relation, weights, round(judge.own[relation].bias, 2))
        print("   then", dict(zip(FINAL_COLUMNS, final, strict=True)))
    print("nearness", judge.nearness.weights.round(2).tolist(), round(judge.nearness.bias, 2))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.linking.train")
    parser.add_argument("reader", choices=("minilm", "table"))
    options = parser.parse_args()
    mode = "on" if options.reader == "minilm" else "off"
    reader = load_reader(mode, DEFAULT_FOLDER)
    judge, _ = train_on(build_corpora(reader), reader)
    target = Path(judging.__file__).with_name(f"judge.{options.reader}.json")
    target.write_text(json.dumps(render_judge(judge), indent=1) + "\n")
    print_judge(judge)


if __name__ == "__main__":
    main()
