"""How common each stem is in its language at large, from tables that `build.py` made."""

import gzip
from functools import cache
from pathlib import Path
from typing import Final

TABLES: Final = Path(__file__).parent / "tables"
UNKNOWN_ZIPF = 2.0
COMMON_ZIPF = 3.5  # a stem rarer than this weighs as much as any can: the tables end here


@cache
def zipf(language: str) -> dict[str, float]:
    """Zipf value (log10 of occurrences in a billion words, to .01) of each stem that is common in *language*."""
    with gzip.open(path(language), "rt", encoding="utf-8") as lines:
        rows = (line.split() for line in lines)
        return {stem: int(value) / 100 for value, *stems in rows for stem in stems}


def path(language: str) -> Path:
    """The table: lines of one Zipf value times 100 and the stems that have it, the most common first."""
    return TABLES / f"{language}.txt.gz"
