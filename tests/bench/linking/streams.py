"""The labelled streams and their judge. They are no part of the project and lie beside it."""

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
"""`id, title, excerpt, url, provider, topics, ts` (seconds since 1970), `story`; in the order of arrival."""


def missing() -> str | None:
    """Which of the files is not here, in words; None if all are."""
    files = [*(_path(stream) for stream in STREAMS), LINKING / "evaluate.py"]
    absent = next((path.name for path in files if not path.exists()), None)
    return (
        absent
        and f"the labelled streams are not here ({absent}): SEEDWIRE_TEST_DATA names their folder"
    )


def articles(stream: str) -> list[Row]:
    """The rows of one of `STREAMS`, or of `THIN`, with what they label."""
    if stream == THIN:
        return thinned(articles("stream_mix_a"))
    with gzip.open(_path(stream), "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def thinned(rows: Sequence[Row]) -> list[Row]:
    """Of each story the first 1 to 6 articles: how many is drawn by the story's name, so the same in every run."""
    size = {story: Random(story).randint(1, 6) for story in {row["story"] for row in rows}}
    taken: dict[str, int] = defaultdict(int)
    kept = []
    for row in rows:
        if taken[row["story"]] < size[row["story"]]:
            taken[row["story"]] += 1
            kept.append(row)
    return kept


def judge(rows: Iterable[Row], predictions: Iterable[Row]) -> dict[str, float]:
    """What the evaluator says of *predictions*: `{id, related: [ids, best first], story?}` for each article."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("articles.jsonl", "predictions.jsonl")]
        for path, lines in zip(paths, (rows, predictions), strict=True):
            path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        command = [sys.executable, str(LINKING / "evaluate.py"), *map(str, paths)]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return dict(json.loads(said))


def _path(stream: str) -> Path:
    return LINKING / f"{stream}.jsonl.gz"
