"""Seedwire itself: `make link-stream` in a process of its own, judged by nothing but what it writes."""

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


def predictions(rows: Sequence[Row], preset: str, model: str = "false") -> list[Row]:
    """What it answers for *rows*, whose `story` it does not get to see. Its progress goes to standard error."""
    settings = os.environ | {"SEEDWIRE_RELATED_MODEL": model}
    with tempfile.TemporaryDirectory() as folder:
        asked, answered = Path(folder) / "in.jsonl", Path(folder) / "out.jsonl"
        hidden = [{name: value for name, value in row.items() if name != "story"} for row in rows]
        asked.write_text("".join(json.dumps(row) + "\n" for row in hidden))
        command = [sys.executable, "-m", MODULE, str(asked), str(answered), preset]
        subprocess.run(command, cwd=ROOT, env=settings, check=True)
        return [json.loads(line) for line in answered.read_text().splitlines()]
