"""How common each stem is in its language, from tables made by `tools.word_frequencies`."""

import gzip
from functools import cache
from pathlib import Path
from typing import Final

TABLES: Final = Path(__file__).parent / "tables"
UNKNOWN_ZIPF = 2.0
COMMON_ZIPF = 3.5  # rarer stems already have the highest weight, so the tables end here


@cache
def load_zipf_values(language: str) -> dict[str, float]:
    """What `read_zipf_values` reads, kept in memory."""
    return read_zipf_values(language)


def read_zipf_values(language: str) -> dict[str, float]:
    """The Zipf value of each common stem of *language*.

    That is log10 of its occurrences in a billion words, with two decimals.
    """
    values: dict[str, float] = {}
    with gzip.open(table_path(language), "rt", encoding="utf-8") as lines:
        for line in lines:
            value, *stems = line.split()
            values.update(dict.fromkeys(stems, int(value) / 100))
    return values


def table_path(language: str) -> Path:
    """The table of *language*: lines of a Zipf value times 100 and its stems, most common first."""
    return TABLES / f"{language}.txt.gz"
