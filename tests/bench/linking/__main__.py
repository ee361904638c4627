"""Linking beside its baselines, in one table.

    python -m tests.bench.linking [--stream NAME] [--quick]      (make bench-linking)

The baselines' thresholds are the best for the very labels they are judged by (tune.py), and they
see all pairs of a week.
"""

import argparse
import resource
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from services.enrichment.related.features.sentence_model import DEFAULT_FOLDER, is_installed
from tests.bench.linking import (
    bm25,
    lexical,
    minhash,
    minilm,
    power_apps,
    product,
    real_feed,
    tfidf,
)
from tests.bench.linking.pairs import predict
from tests.bench.linking.streams import (
    STREAMS,
    THIN,
    Row,
    evaluate,
    find_missing,
    load_articles,
)

COLUMNS = {
    "P5": "P5",
    "P10": "P10",
    "R10": "R10",
    "link F": "linkF",
    "B-cubed F": "bF",
    "noise linked": "falseS",
}
REAL_FEED_COLUMNS = {
    "precision": "precision",
    "recall E": "recallE",
    "recall E, S": "recallES",
    "unjudged": "unjudged",
    "story P": "storyPrecision",
    "story R": "storyRecall",
}
ALL_STREAMS = (*STREAMS, THIN)
QUICK_STREAMS = ("uci_a", THIN)

Linker = Callable[[Sequence[Row]], list[Row]]


def list_linkers(is_quick: bool) -> Iterator[tuple[str, Linker]]:
    """The rows of the table, the simplest first."""
    yield "TF-IDF, all pairs", partial(_predict_from_all_pairs, tfidf)
    yield "MinHash 128, all pairs", partial(_predict_from_all_pairs, minhash)
    yield "BM25, all pairs", partial(_predict_from_all_pairs, bm25)
    yield "lexical (first study)", lexical.predict
    if is_quick:
        yield "Seedwire, balanced", partial(product.predict, preset="balanced")
        return
    missing = minilm.find_missing()
    if missing is None:
        yield "MiniLM itself, all pairs", partial(_predict_from_all_pairs, minilm)
    else:
        print(f"Left out: the model itself ({missing}).")
    yield from list_own_linkers()


def list_own_linkers() -> Iterator[tuple[str, Linker]]:
    """Seedwire with each preset and each reader that is installed."""
    for preset in product.PRESETS:
        yield f"Seedwire, {preset}, table", partial(product.predict, preset=preset, model="off")
    if not is_installed(DEFAULT_FOLDER):
        print("Left out: the sentence model (`make model` installs it).")
        return
    for preset in product.PRESETS:
        yield f"Seedwire, {preset}", partial(product.predict, preset=preset, model="on")


def main() -> int:
    options = _parse_arguments()
    missing = find_missing()
    if missing is not None:
        print(f"Skipped: {missing}.")
        return 0
    streams: Sequence[str] = QUICK_STREAMS if options.quick else ALL_STREAMS
    if options.stream:
        streams = [options.stream]
    linkers = list(list_linkers(options.quick))
    print(
        f"{len(streams)} streams, {len(linkers)} linkers. "
        "Everything takes some 15 minutes, --quick two.",
        flush=True,
    )
    print(f"\n{'stream':<14}{'linker':<26}{_format_cells([*COLUMNS, 'ms CPU each'])}")
    if not options.stream and real_feed.is_here():
        measure_real_feed()
    if not options.stream and power_apps.is_here():
        measure_power_apps()
    for stream in streams:
        rows = load_articles(stream)
        for name, linker in linkers:
            print(f"{stream:<14}{name:<26}{_measure(rows, linker)}", flush=True)
    return 0


def measure_real_feed() -> None:
    """Judge Seedwire by the pairs of the real feed that it learned from, and by others."""
    pair_sets = {"learned from": real_feed.PAIRS, "drawn": real_feed.DRAWN}
    _measure_pairs("real feed", real_feed.load_articles(), pair_sets)


def measure_power_apps() -> None:
    """Judge Seedwire by pairs of a feed that it has not learned from."""
    _measure_pairs("third feed", power_apps.load_articles(), power_apps.PAIRS)


def _measure_pairs(feed: str, rows: Sequence[Row], pair_sets: Mapping[str, Path]) -> None:
    print(f"\n{feed:<40}{_format_cells(REAL_FEED_COLUMNS)}")
    for name, linker in list_own_linkers():
        predictions = linker(rows)
        for pair_set, pairs in pair_sets.items():
            figures = real_feed.evaluate(predictions, pairs)
            cells = [f"{figures[column]:.3f}" for column in REAL_FEED_COLUMNS.values()]
            print(f"{pair_set:<14}{name:<26}{_format_cells(cells)}", flush=True)
    print()


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.linking")
    parser.add_argument("--stream", choices=ALL_STREAMS, help="only this stream")
    parser.add_argument(
        "--quick",
        action="store_true",
        help=f"only {' and '.join(QUICK_STREAMS)}, and one preset of Seedwire",
    )
    return parser.parse_args()


def _predict_from_all_pairs(baseline: object, rows: Sequence[Row]) -> list[Row]:
    neighbours = baseline.find_neighbours(rows)
    return predict(rows, neighbours, baseline.RELATED_FROM, baseline.STORY_FROM)


def _measure(rows: Sequence[Row], linker: Linker) -> str:
    before = _read_cpu_seconds()
    predictions = linker(rows)
    milliseconds = 1000 * (_read_cpu_seconds() - before) / len(rows)
    figures = evaluate(rows, predictions)
    cells = [f"{figures[name]:.3f}" for name in COLUMNS.values()]
    return _format_cells([*cells, f"{milliseconds:.2f}"])


def _format_cells(cells: Iterable[str]) -> str:
    return "".join(f"{cell:>13}" for cell in cells)


def _read_cpu_seconds() -> float:
    """The CPU time of this process and of those it waited for."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


if __name__ == "__main__":
    sys.exit(main())
