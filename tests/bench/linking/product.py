"""Seedwire itself: `make link-stream` in a process of its own, judged by what it writes alone."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.bench.linking.streams import Row

MODULE = "services.enrichment.related.stream"
PRESETS = ("broad", "balanced", "precise")
ROOT = Path(__file__).parents[3]


def predict(rows: Sequence[Row], preset: str, model: str = "auto") -> list[Row]:
    """What it answers for *rows*, whose `story` it does not see.

    Its progress goes to standard error.
    """
    environment = os.environ | {"SEEDWIRE_RELATED_MODEL": model}
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "in.jsonl", Path(folder) / "out.jsonl"
        unlabelled = [_drop_label(row) for row in rows]
        source.write_text("".join(json.dumps(row) + "\n" for row in unlabelled))
        command = [sys.executable, "-m", MODULE, str(source), str(target), preset]
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
        return [json.loads(line) for line in target.read_text().splitlines()]


def _drop_label(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "story"}
