"""Linking beside its baselines, in one table.

    python -m tests.bench.linking [--stream NAME] [--quick]      (make bench-linking)

The baselines' thresholds are the best for the very labels they are judged by (tune.py); they see all pairs of a week.
"""

import argparse
import resource
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib.util import find_spec

from services.enrichment.related.features.sentence_embedding import PACKAGE
from tests.bench.linking import bm25, lexical, minhash, minilm, product, tfidf
from tests.bench.linking.pairs import predictions
from tests.bench.linking.streams import STREAMS, THIN, Row, articles, judge, missing

COLUMNS = {
    "P5": "P5",
    "P10": "P10",
    "R10": "R10",
    "link F": "linkF",
    "B-cubed F": "bF",
    "noise linked": "falseS",
}
ALL = (*STREAMS, THIN)
QUICK = ("uci_a", THIN)

Linker = Callable[[Sequence[Row]], list[Row]]


def linkers(quick: bool) -> Iterator[tuple[str, Linker]]:
    """The rows of the table, the simplest first."""
    yield "TF-IDF, all pairs", partial(_all_pairs, tfidf)
    yield "MinHash 128, all pairs", partial(_all_pairs, minhash)
    yield "BM25, all pairs", partial(_all_pairs, bm25)
    yield "lexical (first study)", lexical.predictions
    if quick:
        return
    if (why := minilm.missing()) is None:
        yield "MiniLM itself, all pairs", partial(_all_pairs, minilm)
    else:
        print(f"Left out: the model itself ({why}).")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.linking")
    parser.add_argument("--stream", choices=ALL, help="one stream alone")
    parser.add_argument(
        "--quick", action="store_true", help=f"{' and '.join(QUICK)}, and of Seedwire one preset"
    )
    options = parser.parse_args()
    if (why := missing()) is not None:
        print(f"Skipped: {why}.")
        return 0
    streams = [options.stream] if options.stream else QUICK if options.quick else ALL
    presets = ("balanced",) if options.quick else product.PRESETS
    rows = [
        *linkers(options.quick),
        *((f"Seedwire, {one}", partial(product.predictions, preset=one)) for one in presets),
    ]
    if not options.quick and find_spec(PACKAGE):
        rows += [
            (f"Seedwire, {one}, model", partial(product.predictions, preset=one, model="true"))
            for one in presets
        ]
    print(
        f"{len(streams)} streams, {len(rows)} linkers. All of it takes some 15 minutes, --quick two.",
        flush=True,
    )
    _head()
    for stream in streams:
        stories = articles(stream)
        for name, linker in rows:
            _row(stream, name, stories, linker)
    return 0


def _all_pairs(baseline: object, rows: Sequence[Row]) -> list[Row]:
    return predictions(rows, baseline.neighbours(rows), baseline.RELATED, baseline.STORY)


def _head() -> None:
    print(
        f"\n{'stream':<14}{'linker':<26}"
        + "".join(f"{name:>13}" for name in [*COLUMNS, "ms CPU each"])
    )


def _row(stream: str, name: str, rows: Sequence[Row], linker: Linker) -> None:
    before = _cpu_seconds()
    found = linker(rows)
    each = 1000 * (_cpu_seconds() - before) / len(rows)
    judged = judge(rows, found)
    figures = [f"{judged[column]:.3f}" for column in COLUMNS.values()]
    print(
        f"{stream:<14}{name:<26}" + "".join(f"{one:>13}" for one in [*figures, f"{each:.2f}"]),
        flush=True,
    )


def _cpu_seconds() -> float:
    """Of this process and of those it waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    sys.exit(main())
