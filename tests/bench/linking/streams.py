"""The labelled streams and their evaluator. They are not part of the project and lie beside it."""

import gzip
import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random
from typing import Any, Final

from tests.real_data import DATA

LINKING: Final = DATA / "linking"
STREAMS: Final = ("uci_a", "gn_ts_a", "stream_mix_a")
"""Headlines; titles with snippets; both among real noise."""
THIN: Final = "thin"
"""`stream_mix_a` with its stories cut to 1 to 6 articles, as they are in real feeds."""

Row = dict[str, Any]
"""`id, title, excerpt, url, provider, topics, ts` (seconds since 1970), `story`; by arrival."""


def find_missing() -> str | None:
    """Why the streams cannot be used, in words; None if all files are here."""
    files = [*(stream_path(stream) for stream in STREAMS), LINKING / "evaluate.py"]
    for path in files:
        if not path.exists():
            return (
                f"the labelled streams are not here ({path.name}): "
                "SEEDWIRE_TEST_DATA names their folder"
            )
    return None


def load_articles(stream: str) -> list[Row]:
    """The rows of one of `STREAMS`, or of `THIN`, with their labels."""
    if stream == THIN:
        return thin_out(load_articles("stream_mix_a"))
    with gzip.open(stream_path(stream), "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def thin_out(rows: Sequence[Row]) -> list[Row]:
    """Keep the first 1 to 6 articles of each story.

    The number is drawn by the story's name, and so is the same in every run.
    """
    stories = {row["story"] for row in rows}
    sizes = {story: Random(story).randint(1, 6) for story in stories}
    kept_of: dict[str, int] = defaultdict(int)
    kept: list[Row] = []
    for row in rows:
        story = row["story"]
        if kept_of[story] < sizes[story]:
            kept_of[story] += 1
            kept.append(row)
    return kept


def evaluate(rows: Iterable[Row], predictions: Iterable[Row]) -> dict[str, float]:
    """Have the evaluator judge `{id, related: [ids, best first], story?}` of each article."""
    with tempfile.TemporaryDirectory() as folder:
        row_file = write_lines(Path(folder) / "articles.jsonl", rows)
        prediction_file = write_lines(Path(folder) / "predictions.jsonl", predictions)
        command = [
            sys.executable,
            str(LINKING / "evaluate.py"),
            str(row_file),
            str(prediction_file),
        ]
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return dict(json.loads(output))


def write_lines(path: Path, rows: Iterable[Row]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def stream_path(stream: str) -> Path:
    return LINKING / f"{stream}.jsonl.gz"
