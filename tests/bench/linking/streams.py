"""The labelled streams and their judge. They are no part of the project: what needs them is skipped without."""

import gzip
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.real_data import DATA

LINKING = DATA / "linking"
STREAMS = ("uci_a", "gn_ts_a", "stream_mix_a")
"""Headlines; titles with snippets; both among real noise."""

Row = dict[str, Any]
"""`id, title, excerpt, url, provider, topics, ts` (seconds since 1970), `story`; in the order of arrival."""


def articles(stream: str) -> list[Row]:
    """The stream, with what it labels; skips the test that asks when the data is not here."""
    path = LINKING / f"{stream}.jsonl.gz"
    if not path.exists():
        pytest.skip(f"the labelled streams are not here: {path.name} (SEEDWIRE_TEST_DATA names their folder)")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def judge(rows: Iterable[Row], predictions: Iterable[Row]) -> dict[str, float]:
    """What the evaluator says of *predictions*: `{id, related: [ids, best first], story?}` for each article."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("articles.jsonl", "predictions.jsonl")]
        for path, lines in zip(paths, (rows, predictions), strict=True):
            path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        command = [sys.executable, str(LINKING / "evaluate.py"), *map(str, paths)]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return dict(json.loads(said))
