"""The real, narrow feed: everyday.cc's articles about Azure, and pairs of them that were read.

The articles lie beside the project, like the streams. So do the pairs that the judge has learned
from. Beside this module are those of 40 articles more, drawn at random from all that are in none of
those pairs (`sampling.py`), and labelled without what linking says of them.
"""

import gzip
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from tests.bench.linking.streams import LINKING, Row, write_lines

FOLDER: Final = LINKING / "real"
ARTICLES: Final = FOLDER / "azure_a.jsonl.gz"
PAIRS: Final = FOLDER / "azure_a_pairs.jsonl"
DRAWN: Final = Path(__file__).with_name("azure_drawn.jsonl")


class LabelledPair(NamedTuple):
    """*label*: E (the same event), S (the same specific subject) or N (neither)."""

    a: str
    b: str
    label: str


def is_here() -> bool:
    return ARTICLES.exists() and PAIRS.exists()


def load_articles() -> list[Row]:
    """`id, title, excerpt, url, provider, topics, ts`, by arrival."""
    with gzip.open(ARTICLES, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def load_pairs(pairs: Path = PAIRS) -> list[LabelledPair]:
    """The pairs, each with the article first for which candidates were read."""
    rows = map(json.loads, pairs.read_text(encoding="utf-8").splitlines())
    return [LabelledPair(row["a"], row["b"], row["label"]) for row in rows]


def evaluate(predictions: Iterable[Row], pairs: Path = PAIRS) -> dict[str, float]:
    """Have the feed's own evaluator judge `{id, related, story}` of each article by *pairs*."""
    with tempfile.TemporaryDirectory() as folder:
        prediction_file = write_lines(Path(folder) / "predictions.jsonl", predictions)
        evaluator = str(FOLDER / "evaluate_pairs.py")
        command = [sys.executable, evaluator, str(pairs), str(prediction_file)]
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return dict(json.loads(output))
